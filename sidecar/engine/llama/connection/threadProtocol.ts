import type { ErrorData } from '../../../../protocol/codedError.ts';
import type { Alternative, TokenSource } from '../../../../protocol/traceEvent.ts';
import type {
  GenerateRequest,
  GenerateResult,
  LoadOptions,
  ModelInfo,
  Prefill,
  SequenceOptions,
  TokenId,
} from '../../engine.ts';

/** Messages between the main thread and the engine thread. Sequence ids are slots of the control block. */

/** Given to the worker when it starts. */
export interface ThreadSettings {
  /** Where statistics.wasm lies and above which the llama.cpp libraries are looked for. */
  readonly bundleFolder: string;
  readonly control: SharedArrayBuffer;
}

/** What the main thread must know of a loaded model. */
export interface LoadedModel {
  readonly info: ModelInfo;
  readonly chatTemplate: string | null;
  /** Texts that templates refer to; empty where the vocabulary has no such token. */
  readonly beginText: string;
  readonly endText: string;
}

/** A file to load, and how. */
export interface LoadParams {
  readonly path: string;
  readonly options: LoadOptions;
  /** Control slot that cancels the loading. */
  readonly slot: number;
}

/** Commands by name: what goes down and what comes back. */
export interface Commands {
  'model/load': {
    readonly params: LoadParams & { readonly modelId: number };
    readonly result: LoadedModel;
  };
  /** Whether a model would be loaded, from its header alone. */
  'model/check': { readonly params: LoadParams; readonly result: null };
  'model/dispose': { readonly params: { readonly modelId: number }; readonly result: null };
  'text/tokenize': {
    readonly params: {
      readonly modelId: number;
      readonly text: string;
      readonly special: boolean;
    };
    readonly result: readonly TokenId[];
  };
  'text/detokenize': {
    readonly params: { readonly modelId: number; readonly tokens: readonly TokenId[] };
    readonly result: string;
  };
  /** See `Model.remember`. */
  'text/remember': {
    readonly params: { readonly modelId: number; readonly key: string; readonly text: string };
    readonly result: null;
  };
  'sequence/open': {
    readonly params: {
      readonly modelId: number;
      readonly sequenceId: number;
      readonly options: SequenceOptions;
    };
    readonly result: null;
  };
  'sequence/append': {
    readonly params: { readonly sequenceId: number; readonly tokens: readonly TokenId[] };
    /** The sequence's length afterwards: a begin token may have been put before the first token. */
    readonly result: Prefill & { readonly length: number };
  };
  'sequence/fork': {
    readonly params: { readonly sequenceId: number; readonly children: readonly number[] };
    readonly result: null;
  };
  'sequence/generate': {
    readonly params: { readonly sequenceId: number; readonly request: GenerateRequest };
    readonly result: GenerateResult;
  };
  'sequence/truncate': {
    readonly params: { readonly sequenceId: number; readonly length: number };
    readonly result: null;
  };
  /** The last layer's output at the last token; see `Sequence.lastHiddenState`. */
  'sequence/hiddenState': {
    readonly params: { readonly sequenceId: number };
    readonly result: Float32Array | null;
  };
  'sequence/dispose': { readonly params: { readonly sequenceId: number }; readonly result: null };
  'thread/dispose': { readonly params: null; readonly result: null };
  /** Nothing is begun any more. Answered in the control block, which a thread that waits can read. */
  'thread/halt': { readonly params: null; readonly result: null };
}

export type CommandName = keyof Commands;

export type CommandMessage = {
  readonly [Name in CommandName]: {
    readonly name: Name;
    readonly callId: number;
    readonly params: Commands[Name]['params'];
    /** Interactive work waits for it: it was announced, and the engine counts that it was read. */
    readonly isUrgent: boolean;
  };
}[CommandName];

export type CommandResult = Commands[CommandName]['result'];

/** Generated tokens of one `sequence/generate` call as equally long columns. */
export interface StepColumns {
  readonly ids: TokenId[];
  readonly texts: string[];
  readonly logprobs: number[];
  readonly entropyNats: number[];
  readonly varentropy: number[];
  readonly margins: number[];
  readonly alternatives: (readonly Alternative[])[];
  readonly sources: TokenSource[];
  /** Steps that have a `lineState`, by their place in the columns; empty where none was asked for. */
  readonly lineSteps: number[];
  /** The states of those steps one after another. Transferred, not copied. */
  readonly lineStates: Float32Array<ArrayBuffer>;
}

export type ThreadMessage =
  | { readonly type: 'call/done'; readonly callId: number; readonly result: CommandResult }
  | { readonly type: 'call/failed'; readonly callId: number; readonly error: ErrorData }
  | { readonly type: 'steps'; readonly runs: readonly StepRun[] };

export interface StepRun {
  readonly callId: number;
  readonly steps: StepColumns;
}
