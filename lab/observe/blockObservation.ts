import type { Model, TokenId } from '../../sidecar/engine/engine.ts';

/**
 * Where a block's states are read: what goes into the block, what goes into its feed-forward part (after attention,
 * before the norm), what that part gives, and the block's output, which is the sum of the last two.
 */
export type BlockPart = 'input' | 'feedForwardInput' | 'feedForwardOutput' | 'output';

/** States of some successive tokens of a text at one place of the model. */
export interface BlockRows {
  /** Counted from 0 in the whole model, however many blocks are left out. */
  readonly block: number;
  readonly part: BlockPart;
  /** Place of the first of these tokens in the text. */
  readonly firstToken: number;
  readonly tokenCount: number;
  /** tokenCount × hiddenSize, row by row. Valid during the call that hands it over. */
  readonly values: Float32Array;
}

/**
 * A smaller model computed with the whole one's weights. A left-out block gives what came in, as if it were not
 * there; a rewritten one adds to the stream what the rewrite made, in place, of its feed-forward output.
 */
export interface BlockChanges {
  readonly dropped: readonly number[];
  readonly rewrites?: ReadonlyMap<number, (rows: BlockRows) => void>;
}

/** The whole model. */
export const noChanges: BlockChanges = { dropped: [] };

/** How well each token of a text but the first is predicted by those before it. */
export interface TextPredictions {
  /** −ln p of the token that comes. One value less than the text has tokens. */
  readonly lossNats: Float64Array;
  /** The most likely token there. */
  readonly likeliest: Int32Array;
}

/** What is wanted of a text besides its predictions. */
export interface ObservationRequest {
  readonly changes: BlockChanges;
  readonly parts: readonly { readonly block: number; readonly part: BlockPart }[];
  /**
   * Called in the order of computing: batch after batch of tokens, in each block after block, in a block part after
   * part. Rows of a rewritten output are those before the rewrite.
   */
  readonly visit: (rows: BlockRows) => void;
}

/**
 * A model whose blocks can be looked at and left out while it reads texts. Works on the calling thread: each batch of
 * some hundred tokens holds it, and an abort is seen between two. One call at a time.
 */
export interface BlockObserver {
  /** Tokens and templates of the model. */
  readonly model: Pick<Model, 'info' | 'tokenize' | 'renderChat'>;
  /** Tokens of one text at most. */
  readonly contextTokens: number;
  /**
   * Shows the wanted states of a text, which begins an empty context. Computes no further than the last of them.
   * Throws `model.unsupported` where the model has no such states, `context.exceeded`, and `cancelled`.
   */
  observe(tokens: readonly TokenId[], request: ObservationRequest, signal: AbortSignal): Promise<void>;
  /** Predictions of the changed model on a text, as exact as the written smaller file gives them, but for rounding. */
  predict(tokens: readonly TokenId[], changes: BlockChanges, signal: AbortSignal): Promise<TextPredictions>;
  /** Frees model and context. Idempotent. */
  dispose(): void;
}
