import type { CodedError, ErrorData } from '../../protocol/codedError.ts';
import type { ThinkingFormChoice } from '../../protocol/thinking.ts';
import type {
  Alternative,
  DraftSource,
  ModelIdentity,
  SamplerSettings,
  ModelDraftSource,
  TokenSource,
} from '../../protocol/traceEvent.ts';
import type { Capabilities } from './capabilities.ts';
import type { EngineSource } from './engineSource.ts';

/**
 * The seam between strategies and whatever runs the model. Implementations: `llama` (files), `remote` (servers) and `scripted`
 * (deterministic, for tests); `engineBySource.ts` puts one for files and one for servers together. Nothing above knows
 * which: it asks for `ModelInfo.capabilities`.
 */
export interface Engine {
  /**
   * Opens a model, or returns the one already open from the same source with the same options. Throws
   * `source.unsupported` for a source of the kind that this engine does not know.
   */
  open(source: EngineSource, options: LoadOptions, signal: AbortSignal): Promise<Model>;
  /**
   * Calls back each time what runs the models has died by itself: every loaded model and its sequences are lost and fail
   * with this error, and the next one opened starts anew. Not called for an end that `dispose` brings.
   */
  onFailed(listener: (error: CodedError) => void): void;
  /** Ends the engine and everything it owns. Idempotent. */
  dispose(): Promise<void>;
}

/** How keys and values lie in the KV cache: 16-bit floats, or blocks of 32 numbers of 8 or 4 bits with a common scale. */
export type CacheType = 'f16' | 'q8_0' | 'q4_0';

export interface LoadOptions {
  /** KV cells shared by all sequences; 0 takes the smaller of the model's training context and what memory allows. */
  readonly contextTokens: number;
  /** Most sequences opened at once; what is forked from them comes beside. */
  readonly maxSequences: number;
  /** 0 measures the best count. */
  readonly threads: number;
  readonly speculation: 'auto' | 'on' | 'off';
  /**
   * Models that may draft for this one, loaded beside it unless speculation is off. One that cannot does not fail
   * the load: `LocalFacts.drafts` says why. None when absent.
   */
  readonly drafts?: readonly DraftRequest[];
  /**
   * How keys and values are kept. `auto`, as when it is absent, takes 16-bit floats, or where memory is short the most
   * exact type that fits. A quantized type that the model's heads do not allow fails the load with `model.unsupported`.
   */
  readonly cacheType?: CacheType | 'auto';
  /** What all models of the engine may take together; 0, as when it is absent, for what the machine has free. */
  readonly memoryBytesLimit?: number;
  /** Host memory for prefixes that had to give up their KV cells, in bytes; none is kept when absent. */
  readonly prefixBytes?: number;
  /** A folder of this workspace's for the same on disk. What is in it can be turned back into text. */
  readonly prefixFiles?: { readonly folder: string; readonly budgetBytes: number };
  /** A LoRA adapter that changes what the model computes, for all of its sequences. */
  readonly adapter?: AdapterRequest;
  /** How the model is taken to think: `auto`, as when it is absent, goes by its chat template. */
  readonly thinkingForm?: ThinkingFormChoice;
  /** Models that other processes have loaded. Two loads that differ in them alone give the same model. */
  readonly elsewhere?: readonly ModelMemory[];
  /** What is known of the file already. Without it the engine names it by file name, head, tail and size. */
  readonly identity?: ModelIdentity;
}

/** What a model takes of this machine's memory. */
export interface ModelMemory {
  readonly name: string;
  readonly sizeBytes: number;
  /** Part of it that stays mapped from the file, which Linux counts as free as long as others do not need it. */
  readonly mappedBytes: number;
}

/** A LoRA adapter and what its change is multiplied by: 0 changes nothing, 1 is as trained, more goes beyond. */
export interface AdapterRequest {
  readonly path: string;
  readonly scale: number;
}

/** A model file that is to draft for another. */
export interface DraftRequest {
  readonly path: string;
  /** `layerSkip` for a copy of the same model without some of its blocks, `draftModel` for any other. */
  readonly source: ModelDraftSource;
}

/** How a request came out: the draft model is loaded, or the error says why not. */
export interface DraftLoadResult extends DraftRequest {
  readonly error: ErrorData | null;
}

export type TokenId = number;

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
  /** What an assistant thought before it, for templates that keep it; none when absent. */
  readonly thought?: string;
}

/** Variables of a chat template beside the messages, such as `enable_thinking`, by name. */
export type ChatVariables = Readonly<Record<string, boolean | string>>;

export interface ChatOptions {
  /** An engine that cannot pass them on leaves them out. None when absent. */
  readonly variables?: ChatVariables;
}

/**
 * How the two sides of a cursor were arranged in training.
 * `prefixFirst`: `<prefix>P<suffix>S<middle>`. `suffixFirst`: `<prefix><suffix>S<middle>P`, the suffix-first variant 2 of
 * arXiv 2207.14255. `suffixThenPrefix`: `<suffix>S<prefix>P<middle>`, without the last token where a family has none.
 */
export type TrainedOrder = 'prefixFirst' | 'suffixFirst' | 'suffixThenPrefix';

/** Token ids of a model's fill-in-the-middle vocabulary, and how it was trained to have them arranged. */
export interface InfillTokens {
  /** As in `infillFamilies.ts`; `unknown` for a model that fits none of them. */
  readonly family: string;
  readonly prefix: TokenId;
  readonly suffix: TokenId;
  /** Null for a family that was trained without one. */
  readonly middle: TokenId | null;
  /** At least one; the first is used unless something else was measured. */
  readonly orders: readonly TrainedOrder[];
  /** Null for a family that has no tokens for other files. */
  readonly files: FileTokens | null;
  /** The tokenizer puts a blank before a text, which does not belong before the text after the cursor. */
  readonly putsBlankBefore: boolean;
}

/** Tokens that other files of a repository are put before the cursor's file with. */
export interface FileTokens {
  readonly repository: TokenId | null;
  readonly file: TokenId;
  /** Whether `file` comes before each path, or only between two files. */
  readonly marks: 'each' | 'between';
  /** Where the path of the file goes that the cursor is in. */
  readonly ownPath: 'beforeMarkers' | 'insidePrefix';
  /** After the repository's name. */
  readonly repositoryEnd: string;
}

export interface ModelInfo {
  readonly identity: ModelIdentity;
  /** Tokens that prompt and answer have room for together: KV cells of the open context, or what a server says. */
  readonly contextTokens: number;
  /** Null for a model that cannot fill in the middle. */
  readonly infill: InfillTokens | null;
  readonly hasChatTemplate: boolean;
  /** Tokens that end a generation. */
  readonly endTokens: readonly TokenId[];
  /** Where it runs, such as `CPU (zen4)`, `CUDA0 (NVIDIA L4), 20 of 29 layers` or a server's address. */
  readonly backend: string;
  readonly capabilities: Capabilities;
  /** Null for a model that does not run in this process. */
  readonly local: LocalFacts | null;
}

/** What is known only of a model file that the engine has loaded itself. */
export interface LocalFacts {
  readonly path: string;
  readonly architecture: string;
  readonly vocabularySize: number;
  /** Values that go from block to block for each token. */
  readonly hiddenSize: number;
  readonly blockCount: number;
  readonly weightCount: number;
  readonly trainingContextTokens: number;
  readonly cacheType: CacheType;
  /** What model and context take at most, as predicted before loading: in memory of the machine and of devices. */
  readonly memoryBytes: number;
  /** Part of it that is mapped from the file. */
  readonly mappedBytes: number;
  readonly threads: number;
  /** In the order of the requests; empty while speculation is off. */
  readonly drafts: readonly DraftLoadResult[];
}

export interface TokenizeOptions {
  /** Parses control tokens such as `<|im_start|>`: only for text the product wrote itself. */
  readonly special: boolean;
  /** An interactive sequence is opened with the answer, so it preempts background work at once. False when absent. */
  readonly isUrgent?: boolean;
}

export interface Model {
  readonly info: ModelInfo;
  /** A server may take seconds for it: the signal, where there is one, ends the waiting with `cancelled`. */
  tokenize(text: string, options: TokenizeOptions, signal?: AbortSignal): Promise<readonly TokenId[]>;
  /** As `tokenize` does. */
  detokenize(tokens: readonly TokenId[], signal?: AbortSignal): Promise<string>;
  /**
   * The chat template applied, ready for the assistant's turn. Throws `model.unsupported` without a template,
   * `template.tooSlow`, `template.tooLarge` or `template.tooMuchMemory` where it passes a limit, and `cancelled` as soon as
   * the signal is aborted.
   */
  renderChat(messages: readonly ChatMessage[], options: ChatOptions, signal: AbortSignal): Promise<string>;
  /**
   * Lets drafts be taken from a text that the requests to come may repeat, such as an open file: at most its first 16,384
   * tokens, in place of what was remembered under the same key. It changes speed and never text. Does nothing where
   * nothing is drafted.
   */
  remember(key: string, text: string): Promise<void>;
  /** Asks a server whether it still has the model; one of this machine is there. Throws `server.otherModel` and what a request to the server would. */
  requireThere(signal: AbortSignal): Promise<void>;
  /** An empty sequence. Waits until one is disposed when `maxSequences` are open. */
  openSequence(options: SequenceOptions, signal: AbortSignal): Promise<Sequence>;
  /** Ends its sequences and the calls that wait for one. Idempotent. */
  dispose(): Promise<void>;
}

/** What a sequence's text is like; acceptance of drafts is kept apart by it. */
export type RequestClass = 'completion' | 'chat' | 'edit';

export interface SequenceOptions {
  /** `chat` when absent. */
  readonly requestClass?: RequestClass;
  /**
   * Interactive sequences are decoded before background ones, which pause meanwhile: a prompt in the middle of its call
   * unless it is reproducible, all else when the call is over. Where cells run out, background ones give up theirs and
   * decode them again afterwards; among sequences of one priority the largest ends as `contextFull`.
   */
  readonly priority: 'interactive' | 'background';
  /**
   * Decodes so that the same calls give the same text as in a fresh process: no drafts, prompts in chunks of fixed
   * size, and nothing reused, unless other sequences are open that go on meanwhile. All of these change the shape of
   * decode calls or the place of cells, by which llama.cpp rounds, and a sampled text may turn on the last digit of a
   * logit. Costs the speed that they bring; false when absent.
   */
  readonly isReproducible?: boolean;
  /**
   * When the context is full, forgets the oldest quarter of the tokens after the first four and goes on, as often as
   * needed, instead of ending as `contextFull`. Not while forks share the cells that would have to move. False when
   * absent.
   */
  readonly shiftsContext?: boolean;
}

/**
 * One branch of text. Owned by its opener, who disposes it. Its cells are in the KV cache, and stay there after disposal as a
 * reusable prefix until they are needed; those of a server's model are the server's. At most one `append` or `generate` runs
 * at a time.
 */
export interface Sequence {
  /** Tokens so far, prompt and generated. */
  readonly length: number;
  /**
   * Adds tokens; an empty sequence reuses the cells of the longest prefix that any live or retired one holds. The last
   * token is decoded with the first generated one, and a server reads all of them then. Throws `context.exceeded` before
   * decoding anything.
   */
  append(tokens: readonly TokenId[], signal: AbortSignal): Promise<Prefill>;
  /**
   * Branches with all tokens so far, each owned by the caller. Nothing is copied: they share the cells, or where
   * `Capabilities.fork` is `replayed`, each sends the tokens to the server with its own generations.
   */
  fork(count: number, signal: AbortSignal): Promise<readonly Sequence[]>;
  /**
   * Generates until a stop rule holds. Yields batches of steps and returns why it ended; on abort that is
   * `cancelled`, within one decode step, all steps it decoded already yielded. The token that fired an end rule
   * (end token) is part of the sequence and not among the steps.
   */
  generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly TokenStep[], GenerateResult, void>;
  /**
   * Last layer's output at the last token, `Capabilities.hiddenState` values, after the final norm. Takes one decode step, which the
   * generation that follows is spared, here and on each fork: its first token is drawn from the same step. Null where the
   * engine gives none for this model.
   */
  lastHiddenState(signal: AbortSignal): Promise<Float32Array | null>;
  /** Forgets every token from `length` on. */
  truncate(length: number): Promise<void>;
  dispose(): Promise<void>;
}

export interface Prefill {
  readonly tokenCount: number;
  readonly cachedTokenCount: number;
  readonly durationMs: number;
}

export interface GenerateRequest {
  readonly sampler: SamplerSettings;
  /** 32-bit; decides every draw. For the same text again see `SequenceOptions.isReproducible`. */
  readonly seed: number;
  readonly maxTokens: number;
  /** Once this many tokens are out, stop after the first one that ends a sentence, or after the grace. */
  readonly softLimit: { readonly tokens: number; readonly graceTokens: number } | null;
  /** Stop after the first token whose addition makes the generated text contain one of these. */
  readonly stopTexts: readonly string[];
  /** Most likely tokens to report with each step, 0…20; the engine reports `Capabilities.alternatives` at most. */
  readonly alternatives: number;
  /**
   * A grammar in GBNF with a rule `root` that the generated text keeps to: no token is drawn that it does not allow, and
   * the text ends by itself only where it may. Only of an engine whose `Capabilities.constraint` is `grammar`. Statistics stay those of the raw distribution. Any text when absent; the
   * generation fails with `grammar.invalid` where it cannot be used or leaves nothing to draw.
   */
  readonly grammar?: string;
  /**
   * Texts of which the generated text is one. Any text when absent. Cannot be asked for together with a grammar, and only of an
   * engine whose `Capabilities.constraint` is `choice` or `grammar`.
   */
  readonly choices?: readonly string[];
  /**
   * What the generated text begins with, such as the part of a word before a cursor: until it is written, only tokens are
   * drawn that begin what is left of it or that begin with all that is left, control tokens and end tokens never. The last
   * of them may go on beyond it. Nothing is drafted meanwhile, and these steps have the source `required`. Cannot be asked
   * for together with a grammar.
   */
  readonly mustBeginWith?: string;
  /**
   * Returns last-layer states from the decode calls that draw the tokens anyway: `TokenStep.lineState` at each line end
   * and `GenerateResult.lastState` at the end. They are `Capabilities.hiddenState` values after the final norm, as `lastHiddenState`
   * gives. No states when absent, and where the engine has none for this model. Prompts of other sequences are decoded in
   * calls of their own meanwhile.
   */
  readonly hiddenStatesAt?: 'lineEnds';
}

export interface GenerateResult {
  readonly end: GenerateEnd;
  /** Tokens that the context dropped meanwhile to make room; the sequence is shorter by them. */
  readonly droppedTokenCount: number;
  /** By source, in order of first use; empty where nothing was drafted. */
  readonly drafts: readonly DraftCount[];
  /**
   * What was left of `mustBeginWith` when no token of the vocabulary could go on with it: the text went on without it.
   * Absent where that did not happen.
   */
  readonly unwrittenStart?: string;
  /**
   * State that the last token was drawn from, the one that ended the text included: after an end token or a line break it
   * is the state at the last token of the text. Absent unless `hiddenStatesAt` asked for it, and where the end was not drawn
   * (`cancelled`).
   */
  readonly lastState?: Float32Array;
  /** Which of several servers wrote it, in order; absent from a model that runs in one place. */
  readonly serverTurns?: readonly ServerTurn[];
}

/** Where one of several servers began to write a generation. */
export interface ServerTurn {
  /** Software and address, as `ModelInfo.backend` names them. */
  readonly server: string;
  /** Tokens of the generation that were written before. */
  readonly afterTokens: number;
  /** Why the server before it did not go on, as a sentence; null for the first. */
  readonly why: string | null;
}

/** What one source guessed and was decoded beside a generation's own tokens, and how much of it the model drew itself. */
export interface DraftCount {
  readonly source: DraftSource;
  /** Drafts, one for each decode call that had one. */
  readonly draftCount: number;
  /** Their tokens, those of every branch. */
  readonly draftedTokenCount: number;
  readonly acceptedTokenCount: number;
}

export type GenerateEnd =
  /** −1 where a server did not say which token it was: then the sequence ends with the text. */
  | { readonly type: 'endToken'; readonly id: TokenId }
  | { readonly type: 'stopText'; readonly text: string }
  | { readonly type: 'softLimit' }
  | { readonly type: 'maxTokens' }
  | { readonly type: 'contextFull' }
  | { readonly type: 'cancelled' };

/**
 * One generated token. Statistics are of the raw distribution, natural logarithms: over the whole vocabulary, or, where the
 * entropy is an interval, over the alternatives and the rest taken as one.
 */
export interface TokenStep {
  readonly id: TokenId;
  /** Text of this token alone; bytes of an unfinished UTF-8 character are held back for the step that ends it. */
  readonly text: string;
  /** 0 from an engine that gives no probabilities: see `Capabilities.alternatives`. */
  readonly logprob: number;
  /** Where `entropyUpperNats` is present, the lower bound of an entropy that is known as an interval. */
  readonly entropyNats: number;
  /** Upper bound, from an engine whose `Capabilities.entropy` is `bounded`; absent where the entropy is exact. */
  readonly entropyUpperNats?: number;
  readonly varentropy: number;
  /** p1 − p2. */
  readonly margin: number;
  readonly alternatives: readonly Alternative[];
  /** `required` where `mustBeginWith` left few tokens to draw: what the model doubts there says nothing about its text. */
  readonly source: TokenSource;
  /**
   * State at the token before this one, from which this one was drawn, where that token ended a line (see `endsLine`): the
   * first moment at which it is known. Present only where `hiddenStatesAt` asked for it.
   */
  readonly lineState?: Float32Array;
}
