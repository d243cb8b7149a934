import type { Attachment } from './attachment.ts';
import type { Budget, Ledger } from './budget.ts';
import type { ErrorData } from './codedError.ts';
import type { SourcePosition } from './codeReading.ts';
import type { LossyQuality } from './lossyQuality.ts';
import type { EarlyStopping } from './earlyStopTable.ts';
import type { SelectorId } from './selectorTable.ts';
import type { StepSearchSettings, StrategyId } from './strategyTable.ts';
import type { ThinkChoice, ThinkingForm } from './thinking.ts';

/** Version of the event log; a reader refuses a higher one. Raised when an event changes its meaning. */
export const traceVersion = 1;

/** Identifies a request within one sidecar process and names its trace file. */
export type RequestId = string;
/** Identifies a candidate within its request: 0, 1, 2 … in order of opening. */
export type CandidateId = number;

export type { SelectorId };

/** An edit had the kind `ask` in logs of earlier versions. */
export type RequestKind = 'ask' | 'edit' | 'completion';

export const difficultyClasses = ['easy', 'normal', 'hard'] as const;
export type DifficultyClass = (typeof difficultyClasses)[number];

/**
 * What judged the difficulty: `codeSignals` of attached code, a `codeRequest` by its words, `nothingToCompute` the words of a
 * question, of which none hints at something to compute, or that follows on a direct answer, `override` the user.
 */
export type DifficultySource =
  'probe' | 'entropyRule' | 'codeSignals' | 'codeRequest' | 'nothingToCompute' | 'override';
/** What a judge of difficulty read, by name; numbers in the unit that the name ends with. */
export type DifficultyFeatures = Readonly<Record<string, number | string>>;
/** What a user may fix of all that difficulty would choose, in the order in which the log has it. */
export const fixedChoices = [
  'difficulty',
  'strategy',
  'temperature',
  'budget',
  'selector',
  'stepSearch',
  'earlyStopping',
  'skipPreamble',
  'repair',
  'think',
] as const;
export type FixedChoice = (typeof fixedChoices)[number];

/** What a class leads to where the user sets it, and what that is expected to take. */
export interface ClassOffer {
  readonly difficulty: DifficultyClass;
  readonly strategy: StrategyId;
  /** At most. */
  readonly candidates: number;
  /** Generated tokens beside those of `normal`, estimated from runs of this model on word problems; null where there is no estimate. */
  readonly tokenRatio: number | null;
}

/** What is in force of a strategy that difficulty chose, beside temperature and budget. */
export interface ChosenParameters {
  /** At most. */
  readonly candidates: number;
  /** Null where the strategy comes to one answer and nothing is selected. */
  readonly selector: SelectorId | null;
  /** Null for a strategy that does not search over steps. */
  readonly stepSearch: StepSearchSettings | null;
  readonly earlyStopping: EarlyStopping;
  /** Whether its thoughts begin at their first step. */
  readonly skipPreamble: boolean;
  /** Whether a program is repaired once where none passes; absent in logs of earlier versions. */
  readonly repair?: boolean;
  /** How much a model with a thinking mode thinks; absent where the strategy decides. */
  readonly think?: Exclude<ThinkChoice, 'auto'>;
}

/** What went along with a question beside its words. */
export interface GivenContext {
  /** As the prompt has them, in that order; those that an earlier turn has already are not among them. */
  readonly attachments: readonly Attachment[];
  /** Earlier questions of the conversation, oldest first, also those that had no room in the prompt. */
  readonly conversation: readonly RequestId[];
}

/** How a token is drawn from the model's distribution. Filters that are off hold their neutral value. */
export interface SamplerSettings {
  /** 0 is greedy. */
  readonly temperature: number;
  /** Keep the k most likely tokens; 0 keeps all. */
  readonly topK: number;
  /** Keep the smallest set whose probability reaches this; 1 keeps all. */
  readonly topP: number;
  /** Drop tokens below this share of the most likely one's probability; 0 keeps all. */
  readonly minP: number;
}

export interface ModelIdentity {
  /** Catalogue name, or the file name for a model that the catalogue does not know or that was never checked. */
  readonly name: string;
  /**
   * SHA-256 of the file, or of its size, all before its weights and its tail where it was never hashed, or of what a server
   * says of its model: see `hashKind`.
   */
  readonly hash: string;
  readonly hashKind: 'sha256' | 'headAndSize' | 'served';
  /** Name and port of the server that runs it, of several servers with ` and ` between them; absent on this machine. */
  readonly server?: string;
  /** Present where a LoRA adapter changes what the file computes. */
  readonly adapter?: AdapterIdentity;
}

export interface AdapterIdentity {
  /** Name of its file. */
  readonly name: string;
  /** SHA-256 of its head, tail and size. */
  readonly hash: string;
  /** What its change is multiplied by. */
  readonly scale: number;
}

/** One of the most likely tokens at a position. `logprob` is a natural logarithm over the whole vocabulary. */
export interface Alternative {
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
}

/**
 * Where a token came from: `model` for plain decoding, a drafter's name for an accepted draft, `required` where the text
 * had to begin with given characters. The statistics of the latter are of the raw distribution too, and no doubt about
 * the text.
 */
export type TokenSource = 'model' | 'required' | DraftSource;
/**
 * A drafter's name: `trie` looks up earlier text, `draftModel` is a smaller model, `layerSkip` the same model without some
 * of its blocks.
 */
export type DraftSource = 'trie' | ModelDraftSource;
/** Drafters that are models. */
export type ModelDraftSource = 'draftModel' | 'layerSkip';

/** A run of generated tokens of one candidate as equally long columns. Natural logarithms, raw distribution. */
export interface TokenColumns {
  readonly ids: readonly number[];
  readonly texts: readonly string[];
  readonly logprobs: readonly number[];
  /** Lower bounds for tokens whose entropy is known as an interval: see `entropyUpperNats`. */
  readonly entropyNats: readonly number[];
  /** Upper bound of each token's entropy; absent where all entropies are exact. The same as the lower one where one is. */
  readonly entropyUpperNats?: readonly number[];
  readonly varentropy: readonly number[];
  /** p1 − p2, in 0…1. */
  readonly margins: readonly number[];
  readonly alternatives: readonly (readonly Alternative[])[];
  readonly sources: readonly TokenSource[];
}

export type CandidateEnd =
  /** The model ended its answer by itself. */
  | 'finished'
  /** Stopped early because it could no longer win. */
  | 'pruned'
  /** Hit its token cap before it ended. */
  | 'truncated'
  /** Stopped by the user or by cancellation. */
  | 'stopped';

export type StopReason = 'answered' | 'budgetExhausted' | 'stoppedByUser' | 'cancelled';

export type DecisionKind =
  | 'thoughtClosedAtCap'
  | 'thoughtClosedByTrial'
  | 'thoughtClosedSteady'
  | 'thoughtClosedForTime'
  | 'budgetExhausted'
  | 'dailyBudgetSpent'
  | 'engineLacks'
  | 'hopelessByValue'
  | 'answerNow'
  | 'answeredDirectly'
  | 'answersChecked'
  | 'thinkMore'
  | 'stoppedByUser'
  | 'candidatePruned'
  | 'candidatesLeftOut'
  | 'candidatesWait'
  | 'codeNotParsed'
  | 'consensusReached'
  | 'confidenceFloorSet'
  | 'contextLeftOut'
  | 'completionTrimmed'
  | 'contextShifted'
  | 'modelRouted'
  | 'noAgreement'
  | 'noStepDoubted'
  | 'repairBegun'
  | 'repairLeftOut'
  | 'searchEnded'
  | 'serverAway'
  | 'serverChosen'
  | 'serverReplaced'
  | 'startNotWritten'
  | 'stepDoubted'
  | 'selectionFellBack'
  | 'settledByValue'
  | 'strategyRemembered'
  | 'testPassed'
  | 'testPassesWithout';

/** How a command that tests code ended. All but the first two are ends that it did not choose. */
export type VerificationOutcome =
  | 'passed'
  | 'failed'
  | 'timedOut'
  | 'memoryExceeded'
  | 'outputExceeded'
  | 'diskExceeded'
  | 'processesExceeded'
  | 'notStarted'
  | 'cancelled';

/** What kept a test command apart from the machine: a sandbox, or nothing and why. */
export type Confinement =
  | { readonly kind: 'bubblewrap' }
  | { readonly kind: 'sandboxExec' }
  | {
      readonly kind: 'none';
      /** Why, and what to do about it: two sentences. */
      readonly why: string;
    };

/** What a strategy reports; everything else in the log is written by the runner around it. */
export type SearchEvent =
  | {
      readonly type: 'prefill/finished';
      readonly tokenCount: number;
      /** Prompt tokens whose KV cells were reused. */
      readonly cachedTokenCount: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'difficulty/decided';
      readonly difficulty: DifficultyClass;
      readonly source: DifficultySource;
      /** In the order easy, normal, hard; null where the rule gives none. */
      readonly probabilities: readonly [number, number, number] | null;
      /** Whether the probe was measured to beat a constant; absent for other sources and in logs of earlier versions. */
      readonly beatsConstant?: boolean;
      readonly meanEntropyNats: number | null;
      readonly features: DifficultyFeatures;
      /** Why this class, in one sentence for the panel. */
      readonly why: string;
      readonly strategy: StrategyId;
      /** In force for every candidate from here on, those already running included. */
      readonly temperature: number;
      readonly budget: Budget;
      /** Absent where the user chose the strategy, and in logs of earlier versions. */
      readonly parameters?: ChosenParameters;
      /** Whether classes lead to different things by themselves; absent where `parameters` is, and in earlier logs. */
      readonly isAdaptive?: boolean;
      /** What a class that the user sets leads to with `auto`; absent where that is nothing, and in logs of earlier versions. */
      readonly offers?: readonly ClassOffer[];
      /** What of it the user chose, and difficulty did not. */
      readonly fixedByUser: readonly FixedChoice[];
    }
  | {
      readonly type: 'candidate/opened';
      readonly candidateId: CandidateId;
      /** The candidate it was forked from with the shared token count, or null for a fork of the prompt. */
      readonly parent: { readonly candidateId: CandidateId; readonly tokenCount: number } | null;
      readonly sampler: SamplerSettings;
      /** The candidate whose program it writes anew, after a prompt of its own; absent of all others. */
      readonly repairs?: CandidateId;
    }
  | {
      readonly type: 'tokens/appended';
      readonly candidateId: CandidateId;
      readonly purpose: 'thought' | 'answer';
      readonly tokens: TokenColumns;
    }
  | {
      /** Text put into a candidate by the strategy and not generated by the model, such as an answer cue. */
      readonly type: 'cue/appended';
      readonly candidateId: CandidateId;
      readonly text: string;
      readonly tokenCount: number;
    }
  | {
      /** A thought was asked for its answer, beside the candidate, to see how sure the model is of it by now. */
      readonly type: 'trial/answered';
      readonly candidateId: CandidateId;
      /** Canonical answer, or null when none could be parsed: then it has no say. */
      readonly answer: string | null;
      /** Geometric mean of the probabilities of the answer's tokens, 0…1. */
      readonly confidence: number;
      /** Generated tokens that it took. */
      readonly tokenCount: number;
    }
  | {
      /**
       * How likely a candidate is right, read from the model's states while it was written, by a head that was fitted to this
       * model; experimental. Comes with the tokens after the lines, and with what is left before the candidate is closed.
       */
      readonly type: 'value/read';
      readonly candidateId: CandidateId;
      /** P(right), 0…1, after so many generated tokens: where lines ended since the last such event, as equally long columns. */
      readonly lineEnds: { readonly atTokens: readonly number[]; readonly values: readonly number[] };
      /** P(right) at its answer, 0…1; null before its end, and where it has none or ended otherwise than by itself. */
      readonly answer: number | null;
    }
  | {
      readonly type: 'candidate/closed';
      readonly candidateId: CandidateId;
      readonly end: CandidateEnd;
      /** Canonical answer, or null when none could be parsed. */
      readonly answer: string | null;
    }
  | {
      readonly type: 'decision/made';
      readonly kind: DecisionKind;
      readonly candidateId: CandidateId | null;
      readonly why: string;
    }
  | {
      /** From here on another model writes: a smaller copy of the first, faster and less able, because it is enough. */
      readonly type: 'model/switched';
      readonly model: ModelIdentity;
      readonly why: string;
      /** What it was measured to be worth on this machine; null where it never was. */
      readonly quality: LossyQuality | null;
    }
  | {
      readonly type: 'speculation/measured';
      readonly source: DraftSource;
      readonly draftCount: number;
      readonly draftedTokenCount: number;
      readonly acceptedTokenCount: number;
    }
  | {
      /** A candidate's code was read by a parser of its language, as `CodeReading` has it. */
      readonly type: 'code/parsed';
      /** The earliest that wrote this code. */
      readonly candidateId: CandidateId;
      /** As VS Code names it. */
      readonly languageId: string;
      readonly errorCount: number;
      readonly firstError: SourcePosition | null;
      readonly durationMs: number;
    }
  | {
      /** A candidate's code was run by the user's own command, in a copy of the workspace. */
      readonly type: 'verification/finished';
      /** The earliest that wrote this code. */
      readonly candidateId: CandidateId;
      readonly command: string;
      readonly outcome: VerificationOutcome;
      /** Null when it was killed or was not run. */
      readonly exitCode: number | null;
      /** Beginning and end of what it wrote, a few thousand characters at most; why it did not start where it did not. */
      readonly output: string;
      readonly durationMs: number;
      /** Absent in logs of earlier versions, whose commands were not confined. */
      readonly confinement?: Confinement;
    }
  | {
      /** A model judged the candidates; the vote that follows has its scores as weights. */
      readonly type: 'judgement/made';
      /** What it held the candidates against, in its words. */
      readonly checklist: readonly string[];
      /** Generated tokens that it took. */
      readonly tokenCount: number;
    }
  | {
      readonly type: 'vote/cast';
      readonly selector: SelectorId;
      readonly tallies: readonly VoteTally[];
    }
  | {
      readonly type: 'answer/selected';
      readonly candidateId: CandidateId;
      readonly answer: string | null;
      readonly text: string;
    };

/** One canonical answer and who gave it; `weight` is what the selector ranked by. */
export interface VoteTally {
  readonly answer: string;
  readonly candidateIds: readonly CandidateId[];
  readonly weight: number;
}

/** Rates of a finished request. */
export interface RequestTiming {
  readonly timeToFirstTokenMs: number | null;
  /** Generated tokens of all candidates over the time from the first token to the last. */
  readonly decodeTokensPerSecond: number | null;
}

/** What the runner writes around a strategy's events. */
export type RunnerEvent =
  | {
      readonly type: 'request/started';
      readonly version: typeof traceVersion;
      readonly requestId: RequestId;
      /** ISO 8601, UTC. */
      readonly startedAt: string;
      readonly kind: RequestKind;
      /** The question, what was asked of an edit, or for a completion `file:line:column`. */
      readonly title: string;
      readonly model: ModelIdentity;
      readonly seed: number;
      readonly sampler: SamplerSettings;
      readonly strategy: StrategyId;
      /** Most candidates that the strategy has side by side. */
      readonly candidateCount: number;
      readonly budget: Budget;
      /** SHA-256: of a question's rendered text as UTF-8; of a completion's token ids as 32-bit little-endian integers. */
      readonly promptHash: string;
      readonly promptTokenCount: number;
      /** Absent where the question came alone, and in logs of earlier versions. */
      readonly context?: GivenContext;
      /** How the model marks the thought that the prompt opened; absent where it opened none. */
      readonly thinking?: ThinkingForm;
    }
  | { readonly type: 'ledger/updated'; readonly ledger: Ledger }
  | {
      readonly type: 'request/finished';
      readonly reason: StopReason;
      readonly ledger: Ledger;
      readonly timing: RequestTiming;
    }
  | { readonly type: 'request/failed'; readonly error: ErrorData; readonly ledger: Ledger };

/** One line of a trace file. `seq` counts from 0 without gaps; `timeMs` is since the request started. */
export type TraceEvent = (SearchEvent | RunnerEvent) & { readonly seq: number; readonly timeMs: number };
