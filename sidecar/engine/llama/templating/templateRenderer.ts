import { onAbort } from '../../../process/onAbort.ts';
import { cancelled } from '../../cancelled.ts';
import type { ChatMessage, ChatVariables } from '../../engine.ts';
import type { ChatFormat } from './boundedTemplate.ts';
import {
  characterLimit,
  templateLimits,
  templateTooLarge,
  templateUnusable,
  type TemplateLimits,
} from './templateLimits.ts';
import { processFailed, TemplateProcess } from './templateProcess.ts';
import type { RenderAnswer, RenderOrder } from './templateProtocol.ts';

/** A chat to be rendered by a model's own template. */
export interface ChatOrder {
  readonly format: ChatFormat;
  readonly messages: readonly ChatMessage[];
  /** As in `ChatOptions`. */
  readonly variables: ChatVariables;
  /** The model's context; bounds what the template may write. */
  readonly contextTokens: number;
}

/**
 * Renders chat templates in a process of its own, which starts with the first prompt, is kept for the next, and is killed
 * and replaced when a template passes a limit. Owns that process, and does not keep this one alive. One prompt at a time,
 * in order.
 */
export class TemplateRenderer {
  readonly #bundleFolder: string;
  readonly #limits: TemplateLimits;
  #process: TemplateProcess | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #isDisposed = false;

  /** `bundleFolder` has templateProgram.cjs in it. */
  constructor(bundleFolder: string, limits = templateLimits) {
    this.#bundleFolder = bundleFolder;
    this.#limits = limits;
  }

  /**
   * The prompt, ending where the assistant's turn begins. Throws `model.unsupported` without a template or where it refuses
   * the messages, `template.tooSlow`, `template.tooLarge` or `template.tooMuchMemory` where it passes a limit, and
   * `cancelled` as soon as the signal is aborted.
   */
  async render(
    { format, messages, variables, contextTokens }: ChatOrder,
    signal: AbortSignal,
  ): Promise<string> {
    const { template, beginText, endText } = format;
    if (template === null) throw templateUnusable('has no chat template, so it cannot answer questions');
    const maxCharacters = characterLimit(contextTokens);
    const turn = this.#last.then(() =>
      this.#answer({ template, beginText, endText, messages, variables, maxCharacters }, signal),
    );
    this.#last = turn.catch(() => undefined);
    const answer = await orCancelled(turn, signal);
    switch (answer.type) {
      case 'rendered':
        return answer.text;
      case 'tooLarge':
        throw templateTooLarge(maxCharacters);
      case 'refused':
        throw templateUnusable(
          'has a chat template that cannot be applied to this conversation',
          answer.message,
        );
    }
  }

  /** Ends the process; what is being rendered fails. Idempotent. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#end();
  }

  async #answer(order: RenderOrder, signal: AbortSignal): Promise<RenderAnswer> {
    const isCancelled = (): boolean => signal.aborted;
    if (isCancelled()) throw cancelled();
    if (this.#isDisposed) throw processFailed('The engine has been shut down');
    if (this.#process?.hasEnded === true) this.#process = null;
    this.#process ??= new TemplateProcess(this.#bundleFolder, this.#limits);
    const renderer = this.#process;
    const stopListening = onAbort(signal, () => void this.#end());
    try {
      return await renderer.render(order);
    } catch (thrown) {
      // What it did not answer it may answer late: the next prompt gets another. That one dies without being waited for.
      if (this.#process === renderer) void this.#end();
      throw isCancelled() ? cancelled() : thrown;
    } finally {
      stopListening();
    }
  }

  async #end(): Promise<void> {
    const renderer = this.#process;
    this.#process = null;
    await renderer?.end();
  }
}

/** What `work` brings, unless the signal is aborted first; `work` goes on then. */
async function orCancelled<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw cancelled();
  let giveUp: () => void = () => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = () => {
      reject(cancelled());
    };
  });
  const stopListening = onAbort(signal, giveUp);
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    stopListening();
  }
}
