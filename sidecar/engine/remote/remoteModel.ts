import type {
  ChatMessage,
  ChatOptions,
  Model,
  ModelInfo,
  Sequence,
  SequenceOptions,
  TokenId,
  TokenizeOptions,
} from '../engine.ts';
import { SlotGate } from '../slotGate.ts';
import { RemoteSequence } from './remoteSequence.ts';
import type { TextServer } from './textServer.ts';

/** A server that is started anew with another model takes longer than that. */
const sameModelMs = 1000;

export interface RemoteModelOptions {
  readonly maxSequences: number;
  /** Ends what the server still does by itself. */
  readonly onDispose: () => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** A server's model as strategies see it. Unloading it here lets go of its requests; the server keeps it. */
export class RemoteModel implements Model {
  readonly #server: TextServer;
  readonly #openings: SlotGate;
  readonly #live = new Set<RemoteSequence>();

  readonly #options: RemoteModelOptions;
  /** When the server has last answered `requireThere`. */
  #answeredAtMs = -Infinity;

  constructor(server: TextServer, options: RemoteModelOptions) {
    this.#server = server;
    this.#options = options;
    this.#openings = new SlotGate(options.maxSequences);
  }

  get info(): ModelInfo {
    return this.#server.info;
  }

  tokenize(text: string, options: TokenizeOptions, signal?: AbortSignal): Promise<readonly TokenId[]> {
    return this.#server.tokenize(text, options, signal);
  }

  detokenize(tokens: readonly TokenId[], signal?: AbortSignal): Promise<string> {
    return this.#server.detokenize(tokens, signal);
  }

  renderChat(messages: readonly ChatMessage[], options: ChatOptions, signal: AbortSignal): Promise<string> {
    return this.#server.renderChat(messages, options, signal);
  }

  /** Nothing is drafted here. */
  remember(): Promise<void> {
    return Promise.resolve();
  }

  async requireThere(signal: AbortSignal): Promise<void> {
    await this.#server.requireSameModel(signal);
    this.#answeredAtMs = this.#options.now();
  }

  /**
   * Has the server asked whether its model is still the same. What is generated waits for that before its first token, so that
   * the question delays no request; an answer to `requireThere` a moment ago is as good. Of several servers the one that writes is
   * asked, when it begins.
   */
  async openSequence(options: SequenceOptions, signal: AbortSignal): Promise<Sequence> {
    await this.#openings.enter(signal);
    const isKnown = this.#server.checksModel || this.#options.now() - this.#answeredAtMs < sameModelMs;
    const checked = isKnown ? Promise.resolve() : this.#server.requireSameModel(signal);
    // A sequence that generates nothing does not look at it.
    checked.catch(() => undefined);
    return new RemoteSequence({ server: this.#server, options, live: this.#live, checked }, [], () => {
      this.#openings.leave();
    });
  }

  async dispose(): Promise<void> {
    this.#options.onDispose();
    this.#openings.close();
    await Promise.all([...this.#live].map((sequence) => sequence.dispose()));
  }
}
