import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ParentGone, WatchdogLimits, WatchdogOrder, WatchdogSettings } from './watchdogProtocol.ts';

/** Together under the 5 s that a process may outlive its parent, with time to spare on a busy machine. */
const watchdogLimits: WatchdogLimits = { lookMs: 500, graceMs: 3500 };

export interface WatchdogOptions {
  /** Folder with watchdogThread.cjs. */
  readonly bundleFolder: string;
  /** Whose child the process is. */
  readonly parentProcessId: number;
  readonly log: (line: string) => void;
  /** The parent has gone: end in order. Not called where this thread is blocked; then the watchdog ends the process. */
  readonly onParentGone: () => void;
}

/** The main thread's end of the watchdog, which ends with the process. Keeps no process alive. */
export class Watchdog {
  readonly #worker: Worker;

  constructor({ bundleFolder, parentProcessId, log, onParentGone }: WatchdogOptions) {
    const settings: WatchdogSettings = { firstParentId: parentProcessId, limits: watchdogLimits };
    this.#worker = new Worker(join(bundleFolder, 'watchdogThread.cjs'), { workerData: settings });
    this.#worker.on('message', ({ type }: ParentGone) => {
      log(`${type}: the process ends`);
      onParentGone();
    });
    this.#worker.on('error', (error) => {
      log(`the watchdog failed, so this process may outlive its parent: ${error.message}`);
    });
    this.#worker.unref();
  }

  /** The client's own process, to be watched beside the parent. */
  watchClient(processId: number): void {
    this.#send({ type: 'client/named', processId });
  }

  /** The process ends now: in order, or by force once the grace is over. */
  expectEnd(): void {
    this.#send({ type: 'end/begun' });
  }

  #send(order: WatchdogOrder): void {
    this.#worker.postMessage(order);
  }
}
