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

/** A server's model as strategies see it. Unloading it here lets go of its requests; the server keeps it. */
export class RemoteModel implements Model {
  readonly #server: TextServer;
  readonly #openings: SlotGate;
  readonly #live = new Set<RemoteSequence>();

  readonly #onDispose: () => void;

  /** `onDispose` ends what the server still does by itself. */
  constructor(server: TextServer, maxSequences: number, onDispose: () => void) {
    this.#server = server;
    this.#onDispose = onDispose;
    this.#openings = new SlotGate(maxSequences);
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

  requireThere(signal: AbortSignal): Promise<void> {
    return this.#server.requireSameModel(signal);
  }

  /**
   * Has the server asked whether its model is still the same. What is generated waits for that before its first token, so that
   * the question delays no request. Of several servers the one that writes is asked, when it begins.
   */
  async openSequence(options: SequenceOptions, signal: AbortSignal): Promise<Sequence> {
    await this.#openings.enter(signal);
    const checked = this.#server.checksModel ? Promise.resolve() : this.requireThere(signal);
    // A sequence that generates nothing does not look at it.
    checked.catch(() => undefined);
    return new RemoteSequence({ server: this.#server, options, live: this.#live, checked }, [], () => {
      this.#openings.leave();
    });
  }

  async dispose(): Promise<void> {
    this.#onDispose();
    this.#openings.close();
    await Promise.all([...this.#live].map((sequence) => sequence.dispose()));
  }
}
