import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../../protocol/codedError.ts';
import { readServerAnswer, type ServerAnswer } from './serverAnswer.ts';

const host = '127.0.0.1';
const startTimeoutMs = 60_000;
const pollIntervalMs = 100;

export interface LlamaServerOptions {
  readonly modelPath: string;
  readonly threads: number;
  /** Shared by all slots in equal parts. */
  readonly contextTokens: number;
  /** Requests decoded at once; more wait. */
  readonly slots: number;
  /** `--spec-type` with what belongs to it; none decodes plainly. */
  readonly speculation?: SpeculationOptions;
  /** More of the program's own flags, as they are. */
  readonly flags?: readonly string[];
}

export interface SpeculationOptions {
  readonly type: ModellessSpeculation | 'draft-simple';
  /** Only for types that draft with a model. */
  readonly draftModelPath?: string;
}

/** Every `--spec-type` that drafts from the text alone, each with llama-server's own defaults. */
export const modellessSpeculations = [
  'ngram-simple',
  'ngram-map-k',
  'ngram-map-k4v',
  'ngram-mod',
  'ngram-cache',
] as const;
export type ModellessSpeculation = (typeof modellessSpeculations)[number];

export interface ServerRequest {
  readonly prompt: readonly number[];
  /** Most tokens to generate; the model may end its text before. */
  readonly tokens: number;
}

/** A running llama-server on the loopback interface. Its caller stops it; it never outlives this process. */
export class LlamaServer {
  readonly #process: ChildProcess;
  readonly #origin: string;
  readonly #killAtExit = (): void => {
    this.#process.kill('SIGKILL');
  };

  private constructor(child: ChildProcess, origin: string) {
    this.#process = child;
    this.#origin = origin;
    process.once('exit', this.#killAtExit);
  }

  /** Where it answers, such as `http://127.0.0.1:8080`. */
  get origin(): string {
    return this.#origin;
  }

  /** Undefined for a program that could not be started. */
  get processId(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when the model is loaded. Throws `engine.failed` when the server ends or takes too long instead. */
  static async start(
    toolPath: string,
    options: LlamaServerOptions,
    signal: AbortSignal,
  ): Promise<LlamaServer> {
    const port = await freePort();
    const args = [
      ...['-m', options.modelPath],
      ...['-t', String(options.threads)],
      ...['-c', String(options.contextTokens)],
      ...['-np', String(options.slots)],
      ...speculationArguments(options.speculation),
      ...(options.flags ?? []),
      // Keeping what a slot held before would be work that a single prompt has no use for.
      ...['--cache-ram', '0'],
      ...['--host', host, '--port', String(port)],
      '--no-webui',
    ];
    const server = new LlamaServer(
      spawn(toolPath, args, { stdio: 'ignore', signal }),
      `http://${host}:${port}`,
    );
    try {
      await server.#whenReady(signal);
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /**
   * A greedy completion; whatever the slot still holds of the prompt is reused. Of the ways to be greedy this is the
   * one that costs the server least: its usual chain of samplers sorts first.
   */
  async complete({ prompt, tokens }: ServerRequest, signal: AbortSignal): Promise<ServerAnswer> {
    const body = {
      prompt,
      n_predict: tokens,
      samplers: ['top_k'],
      top_k: 1,
      cache_prompt: true,
      return_tokens: true,
    };
    return readServerAnswer(await this.post('/completion', body, signal));
  }

  /** The text of an answer. Throws `engine.failed` for one that says it failed. */
  async post(path: string, body: unknown, signal: AbortSignal): Promise<string> {
    const sent = { method: 'POST', body: JSON.stringify(body), signal };
    const response = await fetch(`${this.#origin}${path}`, sent);
    const text = await response.text();
    if (!response.ok) throw serverFailed(`answered ${path} with ${response.status}`);
    return text;
  }

  /** Milliseconds until the answer to a request for one token is there. */
  async timeToFirstToken(prompt: readonly number[], signal: AbortSignal): Promise<number> {
    const startMs = performance.now();
    await this.complete({ prompt, tokens: 1 }, signal);
    return performance.now() - startMs;
  }

  async stop(): Promise<void> {
    process.off('exit', this.#killAtExit);
    if (this.#hasEnded()) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await ended;
  }

  async #whenReady(signal: AbortSignal): Promise<void> {
    // A program that cannot be started has no process id, which is looked at below.
    this.#process.on('error', () => undefined);
    const deadlineMs = performance.now() + startTimeoutMs;
    while (performance.now() < deadlineMs) {
      const isReady = await fetch(`${this.#origin}/health`, { signal }).then(
        (response) => response.ok,
        () => false,
      );
      if (isReady) return;
      signal.throwIfAborted();
      if (this.#hasEnded()) throw serverFailed('ended before it served');
      await delay(pollIntervalMs, undefined, { signal });
    }
    throw serverFailed(`did not serve within ${startTimeoutMs / 1000} s`);
  }

  #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }
}

function speculationArguments(speculation: SpeculationOptions | undefined): readonly string[] {
  if (speculation === undefined) return [];
  const { type, draftModelPath } = speculation;
  return ['--spec-type', type, ...(draftModelPath === undefined ? [] : ['-md', draftModelPath])];
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('A server on a TCP port has an address.'));
      });
    });
  });
}

function serverFailed(what: string): CodedError {
  return new CodedError(
    'engine.failed',
    `llama-server ${what}.`,
    'Start it in a terminal with the same model to see why.',
  );
}
