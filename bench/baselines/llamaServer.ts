import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../protocol/codedError.ts';

const host = '127.0.0.1';
const startTimeoutMs = 60_000;
const pollIntervalMs = 100;

export interface LlamaServerOptions {
  readonly modelPath: string;
  readonly threads: number;
  readonly contextTokens: number;
}

/** A running llama-server with one slot, on the loopback interface. Whoever starts one stops it. */
export class LlamaServer {
  readonly #process: ChildProcess;
  readonly #origin: string;

  private constructor(process: ChildProcess, origin: string) {
    this.#process = process;
    this.#origin = origin;
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
      ...['-np', '1'],
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

  /** Milliseconds until the answer to a request for one token is there. Whatever the slot still holds is reused. */
  async timeToFirstToken(prompt: readonly number[], signal: AbortSignal): Promise<number> {
    const body = JSON.stringify({ prompt, n_predict: 1, temperature: 0, cache_prompt: true });
    const startMs = performance.now();
    const response = await fetch(`${this.#origin}/completion`, { method: 'POST', body, signal });
    await response.text();
    if (!response.ok) throw serverFailed(`answered a completion with ${response.status}`);
    return performance.now() - startMs;
  }

  async stop(): Promise<void> {
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
