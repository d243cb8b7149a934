import type { Attachment } from './attachment.ts';
import type { Budget, Ledger } from './budget.ts';
import type { SourcePosition } from './codeReading.ts';
import type { DocumentRange, FormattingOptions } from './documentPlace.ts';
import type { StrategyId } from './strategyTable.ts';
import type { Confinement, RequestId, RequestTiming, StopReason, VerificationOutcome } from './traceEvent.ts';

/** What a model is asked to do with a range: change it as instructed, mend it, document it, write tests, or go on at its end. */
export type EditKind = 'edit' | 'fix' | 'document' | 'tests' | 'continue';

/** A document as the editor has it, saved or not. Travels with the request, so that an answer can be matched to it. */
export interface EditDocument {
  readonly uri: string;
  /** Shown to the model: relative to the folder of the workspace where there is one. */
  readonly path: string;
  readonly languageId: string;
  /** The editor's; 0 for a file on disk. */
  readonly version: number;
  /** With the document's own line ends. */
  readonly text: string;
  readonly lineEnd: '\n' | '\r\n';
  /** How the editor indents it. */
  readonly formatting: FormattingOptions;
  /** As VS Code names it, such as `utf8`. */
  readonly encoding: string;
  /** Absolute path of the workspace folder that it belongs to; null for a file outside. */
  readonly workspaceFolder: string | null;
}

/** A problem that the editor or a program reports, put to the model in these words. */
export interface EditDiagnostic {
  readonly message: string;
  readonly range: DocumentRange;
}

export interface EditParams {
  readonly kind: EditKind;
  /** The user's words; may be empty for every kind but `edit`. */
  readonly instruction: string;
  readonly document: EditDocument;
  /** Lines that may change: whole lines, `end` at column 0 of the line after, or at the document's end. Empty for `continue`: the cursor. */
  readonly range: DocumentRange;
  readonly diagnostics: readonly EditDiagnostic[];
  /** Other files to read, which are not changed. */
  readonly attachments: readonly Attachment[];
  /** Installed model that edits, by catalogue name or path, in the place of the one that serves. */
  readonly model?: string;
  /** One that writes the code at once: `direct`, the default, or `directBestOfN`, which tests by `verifyCommand`. */
  readonly strategy?: StrategyId;
  /** How many `directBestOfN` writes: as the settings say unless given, and no more than the context has room for. */
  readonly candidates?: number;
  /** Default 0, greedy; of the sampled candidates of `directBestOfN`, that of the strategy. */
  readonly temperature?: number;
  readonly seed?: number;
  /** Overrides single members of the budget that the length of the range gives. */
  readonly budget?: Partial<Budget>;
  /** Also asks a model that is too weak by what `bench edits` measured. Default false. */
  readonly force?: boolean;
  readonly partialResultToken?: string | number;
}

/** A range of the document as it was asked about, and what takes its place, with the document's own line ends. */
export interface RangeEdit {
  readonly range: DocumentRange;
  readonly newText: string;
}

/** Why nothing can be applied. */
export type NoEditReason =
  /** The answer has no code. */
  | 'noCode'
  /** A code block never closed: the answer was cut off. */
  | 'cutOff'
  /** The code is what the document has already. */
  | 'unchanged';

/** What the user's command said of a document. */
export interface DocumentTest {
  readonly command: string;
  readonly outcome: VerificationOutcome;
  /** Null when it was killed or was not run. */
  readonly exitCode: number | null;
  /** Beginning and end of what it wrote. */
  readonly output: string;
  readonly durationMs: number;
  readonly confinement: Confinement;
}

/** What it said of the document with an edit in it. */
export interface EditVerification extends DocumentTest {
  /** Whether it passes on the document as it was, so that passing proves nothing; null where it was not run on that. */
  readonly passesWithout: boolean | null;
}

export interface EditResult {
  readonly requestId: RequestId;
  readonly model: string;
  /** Version of the document that `edits` counts lines of. */
  readonly version: number;
  /** In order, without overlap, all inside the range that was asked about. Empty where `noEdit` says why. */
  readonly edits: readonly RangeEdit[];
  readonly noEdit: NoEditReason | null;
  /** First place that does not parse in the document with the edits, if it has more such places than before; null also without a grammar. */
  readonly syntaxError: SourcePosition | null;
  /** Test of these edits, `notStarted` where the command could not be run; null where none was to. */
  readonly verification: EditVerification | null;
  /** What the model wrote, words included. */
  readonly text: string;
  readonly reason: StopReason;
  readonly ledger: Ledger;
  readonly timing: RequestTiming;
  readonly tracePath: string | null;
}
