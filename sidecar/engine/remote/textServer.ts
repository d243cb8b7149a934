import type {
  ChatMessage,
  ChatOptions,
  GenerateEnd,
  GenerateRequest,
  ModelInfo,
  ServerTurn,
  TokenId,
  TokenizeOptions,
  TokenStep,
} from '../engine.ts';

/** Alternatives asked for with each token at least, so that the bounds of its entropy are close. */
export const leastAlternatives = 10;

/** One model of one server, in the protocol that the server speaks. Keeps no text: each call says all that it needs. */
export interface TextServer {
  /** Its names change where another server joins; what it says of the model stays. */
  readonly info: ModelInfo;
  /** Whether `write` has asked, before its first token, that the model is the same. Otherwise its caller does. */
  readonly checksModel: boolean;
  tokenize(text: string, options: TokenizeOptions, signal?: AbortSignal): Promise<readonly TokenId[]>;
  detokenize(tokens: readonly TokenId[], signal?: AbortSignal): Promise<string>;
  renderChat(messages: readonly ChatMessage[], options: ChatOptions, signal: AbortSignal): Promise<string>;
  /** Throws `server.otherModel` where the server has been given another model since. */
  requireSameModel(signal: AbortSignal): Promise<void>;
  /**
   * Writes after these tokens until the model ends or the limit is reached. Ending the loop ends the request, and with it the
   * server's work. Throws as `ServerConnection` does, and `server.otherModel`.
   */
  write(
    tokens: readonly TokenId[],
    request: WriteRequest,
    signal: AbortSignal,
  ): AsyncGenerator<WrittenToken, WriteEnd, void>;
}

/** A generation whose stop rules are watched here: the server only knows the limit of tokens. */
export interface WriteRequest extends Pick<
  GenerateRequest,
  'sampler' | 'seed' | 'maxTokens' | 'alternatives' | 'grammar' | 'choices' | 'mustBeginWith'
> {
  readonly isReproducible: boolean;
  /** Called when one of several servers begins to write. */
  readonly onServer?: (turn: Omit<ServerTurn, 'afterTokens'>) => void;
}

export interface WrittenToken {
  readonly step: TokenStep;
  /** What the text goes on with: the step's token, after those that the server kept to itself. */
  readonly ids: readonly TokenId[];
}

export type WriteEnd = Extract<GenerateEnd, { readonly type: 'endToken' | 'maxTokens' | 'contextFull' }>;
