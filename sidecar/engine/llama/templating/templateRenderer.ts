import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CodedError } from '../../../../protocol/codedError.ts';
import { onAbort } from '../../../process/onAbort.ts';
import { cancelled } from '../../cancelled.ts';
import type { ChatMessage } from '../../engine.ts';
import type { ChatFormat } from './boundedTemplate.ts';
import {
  characterLimit,
  templateLimits,
  templateTookTooMuchMemory,
  templateTooLarge,
  templateTooSlow,
  templateUnusable,
  type TemplateLimits,
} from './templateLimits.ts';
import type { RenderOrder, TemplateAnswer } from './templateProtocol.ts';

/** Starting a thread takes about 50 ms, and many times that on a busy machine. */
const startLimitMs = 30_000;
/** Objects that die young have a heap of their own, which counts, too. */
const youngMebibytes = 8;

/** A chat to be rendered by a model's own template. */
export interface ChatOrder {
  readonly format: ChatFormat;
  readonly messages: readonly ChatMessage[];
  /** The model's context; bounds what the template may write. */
  readonly contextTokens: number;
}

/**
 * Renders chat templates on a thread of its own, which starts with the first prompt, is kept for the next, and is ended and
 * replaced when a template passes a limit. Owns the thread and keeps no process alive. One prompt at a time, in order.
 */
export class TemplateRenderer {
  readonly #bundleFolder: string;
  readonly #limits: TemplateLimits;
  #thread: TemplateThread | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #isDisposed = false;

  /** `bundleFolder` has templateThread.cjs in it. */
  constructor(bundleFolder: string, limits = templateLimits) {
    this.#bundleFolder = bundleFolder;
    this.#limits = limits;
  }

  /**
   * The prompt, ending where the assistant's turn begins. Throws `model.unsupported` without a template or where it refuses
   * the messages, `template.tooSlow`, `template.tooLarge` or `template.tooMuchMemory` where it passes a limit, and
   * `cancelled` as soon as the signal is aborted.
   */
  async render({ format, messages, contextTokens }: ChatOrder, signal: AbortSignal): Promise<string> {
    const { template, beginText, endText } = format;
    if (template === null) throw templateUnusable('has no chat template, so it cannot answer questions');
    const maxCharacters = characterLimit(contextTokens);
    const turn = this.#last.then(() =>
      this.#answer({ template, beginText, endText, messages, maxCharacters }, signal),
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

  /** Ends the thread; what is being rendered fails. Idempotent. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#end();
  }

  async #answer(order: RenderOrder, signal: AbortSignal): Promise<RenderAnswer> {
    const isCancelled = (): boolean => signal.aborted;
    if (isCancelled()) throw cancelled();
    if (this.#isDisposed) throw threadFailed('The engine has been shut down');
    this.#thread ??= new TemplateThread(this.#bundleFolder, this.#limits);
    const thread = this.#thread;
    const stopListening = onAbort(signal, () => void this.#end());
    try {
      return await thread.render(order);
    } catch (thrown) {
      // What it did not answer it may answer late: the next prompt gets another. That one dies without being waited for.
      if (this.#thread === thread) void this.#end();
      throw isCancelled() ? cancelled() : thrown;
    } finally {
      stopListening();
    }
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.end();
  }
}

type RenderAnswer = Exclude<TemplateAnswer, { readonly type: 'ready' }>;

/** One life of the thread. A caller that gets no answer ends it. */
class TemplateThread {
  readonly #worker: Worker;
  readonly #limits: TemplateLimits;
  readonly #ready: Promise<void>;
  /** Rejects when the thread ends, for whatever reason. */
  readonly #ended: Promise<never>;
  #onAnswer: (answer: RenderAnswer) => void = () => undefined;

  constructor(bundleFolder: string, limits: TemplateLimits) {
    this.#limits = limits;
    this.#worker = new Worker(join(bundleFolder, 'templateThread.cjs'), {
      resourceLimits: {
        maxOldGenerationSizeMb: limits.heapMebibytes - youngMebibytes,
        maxYoungGenerationSizeMb: youngMebibytes,
      },
    });
    this.#ready = new Promise((resolve) => {
      this.#worker.on('message', (answer: TemplateAnswer) => {
        if (answer.type === 'ready') resolve();
        else this.#onAnswer(answer);
      });
    });
    this.#ended = new Promise((_, reject) => {
      this.#worker.on('error', (error) => {
        reject(
          'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? templateTookTooMuchMemory(limits)
            : threadFailed(`The thread that renders chat templates failed: ${error.message}`, error),
        );
      });
      this.#worker.on('exit', () => {
        reject(threadFailed('The thread that renders chat templates has ended'));
      });
    });
    this.#ended.catch(() => undefined);
    // Only a rendering keeps the process alive.
    this.#worker.unref();
  }

  async render(order: RenderOrder): Promise<RenderAnswer> {
    this.#worker.ref();
    try {
      await within(startLimitMs, Promise.race([this.#ready, this.#ended]), () =>
        threadFailed('The thread that renders chat templates did not start'),
      );
      const answered = new Promise<RenderAnswer>((resolve) => {
        this.#onAnswer = resolve;
      });
      this.#worker.postMessage(order);
      return await within(this.#limits.durationMs, Promise.race([answered, this.#ended]), () =>
        templateTooSlow(this.#limits),
      );
    } finally {
      this.#worker.unref();
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Waits so long. What has come in by then counts, even where this thread was too busy to see it. */
async function within<T>(limitMs: number, work: Promise<T>, tooLate: () => CodedError): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      setImmediate(() => {
        reject(tooLate());
      });
    }, limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
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

function threadFailed(what: string, cause?: unknown): CodedError {
  return new CodedError(
    'engine.failed',
    `${what}.`,
    'Ask again, which starts it anew, or restart the engine.',
    {
      cause,
    },
  );
}
