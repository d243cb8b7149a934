import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Socket } from 'node:net';
import { CodedError } from '../../../../protocol/codedError.ts';
import { endText, isFullHeap } from '../../../process/processEnd.ts';
import { templateTookTooMuchMemory, templateTooSlow, type TemplateLimits } from './templateLimits.ts';
import { parseTemplateMessage, type RenderAnswer, type RenderOrder } from './templateProtocol.ts';

/** Starting a process takes about 0.1 s, and many times that on a busy machine. */
const startLimitMs = 30_000;
/** Objects that die young have a heap of three such spaces, which counts, too. */
const semiSpaceMebibytes = 2;
const youngMebibytes = 3 * semiSpaceMebibytes;

/**
 * One life of the process that renders chat templates, from templateProgram.cjs by the Node that runs this program. V8 ends
 * its whole process where one operation of a template needs more memory than there is, on whatever thread that is. A
 * caller that gets no answer kills it. It ends with this process, however that ends, and does not keep it alive.
 */
export class TemplateProcess {
  readonly #child: ChildProcess;
  readonly #limits: TemplateLimits;
  readonly #ready: Promise<void>;
  /** Rejects when the process ends, for whatever reason. */
  readonly #failed: Promise<never>;
  readonly #gone: Promise<void>;
  #onAnswer: ((answer: RenderAnswer) => void) | null = null;

  constructor(bundleFolder: string, limits: TemplateLimits) {
    this.#limits = limits;
    const child = spawn(
      process.execPath,
      [
        `--max-old-space-size=${limits.heapMebibytes - youngMebibytes}`,
        `--max-semi-space-size=${semiSpaceMebibytes}`,
        join(bundleFolder, 'templateProgram.cjs'),
      ],
      {
        // The first stays open as long as this process lives.
        stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
        windowsHide: true,
        env: {
          ...process.env,
          // The editor's own program is a Node only when it is asked to be.
          ELECTRON_RUN_AS_NODE: '1',
          // May lift the heap's limit, or load what a debugger needs.
          NODE_OPTIONS: undefined,
        },
      },
    );
    this.#child = child;
    // A child that is gone already closes it.
    child.stdin?.on('error', () => undefined);
    this.#ready = new Promise((resolve) => {
      child.on('message', (value) => {
        const message = parseTemplateMessage(value);
        if (message?.type === 'ready') resolve();
        else if (message !== null) this.#onAnswer?.(message);
      });
    });
    const ended = new Promise<TemplateEnd>((resolve) => {
      child.on('error', (error) => {
        // Without a process there will be no `exit`.
        if (child.pid === undefined) resolve({ how: error.message, isFullHeap: false });
      });
      child.on('exit', (code, signal) => {
        const end = { code, signal };
        resolve({ how: endText(end), isFullHeap: isFullHeap(end, process.platform) });
      });
    });
    this.#gone = ended.then(() => undefined);
    this.#failed = ended.then(({ how, isFullHeap: isFull }) => {
      if (this.#onAnswer !== null && isFull) throw templateTookTooMuchMemory(limits);
      throw processFailed(`The process that renders chat templates has ended (${how})`);
    });
    this.#failed.catch(() => undefined);
    // Only the timer of a rendering keeps this process alive.
    child.unref();
    child.channel?.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
  }

  /** Whether it has ended, as a system that needs memory may end it between two prompts. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** One at a time. Throws where the template passes the limit of time or memory, and where there is no process. */
  async render(order: RenderOrder): Promise<RenderAnswer> {
    await within(startLimitMs, Promise.race([this.#ready, this.#failed]), () =>
      processFailed('The process that renders chat templates did not start'),
    );
    const answered = new Promise<RenderAnswer>((resolve) => {
      this.#onAnswer = resolve;
    });
    // Where it cannot be sent, the process has ended.
    this.#child.send(order, () => undefined);
    try {
      return await within(this.#limits.durationMs, Promise.race([answered, this.#failed]), () =>
        templateTooSlow(this.#limits),
      );
    } finally {
      this.#onAnswer = null;
    }
  }

  /** Kills it; resolves once it is gone. Idempotent. */
  async end(): Promise<void> {
    // Then its end says nothing of the template.
    this.#onAnswer = null;
    // Where nothing else is under way, the program that waits for it would end here, and say nothing of it.
    this.#child.ref();
    this.#child.kill('SIGKILL');
    await this.#gone;
  }
}

interface TemplateEnd {
  /** Goes into brackets. */
  readonly how: string;
  readonly isFullHeap: boolean;
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

/** `what` is a sentence without its full stop. */
export function processFailed(what: string): CodedError {
  return new CodedError(
    'engine.failed',
    `${what}.`,
    'Ask again, which starts it anew, or restart the engine.',
  );
}
