import type {
  ChatMessage,
  ChatOptions,
  Model,
  ModelInfo,
  Sequence,
  SequenceOptions,
  TokenId,
  TokenizeOptions,
} from '../../engine.ts';
import { LlamaSequence } from './llamaSequence.ts';
import { SlotGate } from '../../slotGate.ts';
import type { TemplateRenderer } from '../templating/templateRenderer.ts';
import type { ThreadConnection } from './threadConnection.ts';
import type { LoadedModel } from './threadProtocol.ts';

/** A model on the engine thread as the main thread sees it. */
export class LlamaModel implements Model {
  readonly #connection: ThreadConnection;
  readonly #modelId: number;
  readonly #loaded: LoadedModel;
  readonly #gate: SlotGate;
  readonly #templates: TemplateRenderer;
  readonly #onDispose: () => void;
  #disposal: Promise<void> | null = null;

  constructor(
    connection: ThreadConnection,
    modelId: number,
    loaded: LoadedModel,
    options: {
      readonly maxSequences: number;
      /** Owned by the engine. */
      readonly templates: TemplateRenderer;
      readonly onDispose: () => void;
    },
  ) {
    this.#connection = connection;
    this.#modelId = modelId;
    this.#loaded = loaded;
    this.#gate = new SlotGate(options.maxSequences);
    this.#templates = options.templates;
    this.#onDispose = options.onDispose;
  }

  get info(): ModelInfo {
    return this.#loaded.info;
  }

  tokenize(text: string, { special, isUrgent = false }: TokenizeOptions): Promise<readonly TokenId[]> {
    return this.#connection.call('text/tokenize', { modelId: this.#modelId, text, special }, { isUrgent });
  }

  detokenize(tokens: readonly TokenId[]): Promise<string> {
    return this.#connection.call('text/detokenize', { modelId: this.#modelId, tokens });
  }

  async remember(key: string, text: string): Promise<void> {
    await this.#connection.call('text/remember', { modelId: this.#modelId, key, text });
  }

  renderChat(
    messages: readonly ChatMessage[],
    { variables = {} }: ChatOptions,
    signal: AbortSignal,
  ): Promise<string> {
    const { chatTemplate, beginText, endText, info } = this.#loaded;
    const format = { template: chatTemplate, beginText, endText };
    return this.#templates.render({ format, messages, variables, contextTokens: info.contextTokens }, signal);
  }

  requireThere(): Promise<void> {
    return Promise.resolve();
  }

  async openSequence(options: SequenceOptions, signal: AbortSignal): Promise<Sequence> {
    await this.#gate.enter(signal);
    const leave = (): void => {
      this.#gate.leave();
    };
    try {
      return await LlamaSequence.open(this.#connection, this.#modelId, options, leave);
    } catch (thrown) {
      leave();
      throw thrown;
    }
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#close();
    return this.#disposal;
  }

  async #close(): Promise<void> {
    this.#onDispose();
    this.#gate.close();
    try {
      await this.#connection.call('model/dispose', { modelId: this.#modelId });
    } catch {
      // The thread is gone and the model with it.
    }
  }
}
