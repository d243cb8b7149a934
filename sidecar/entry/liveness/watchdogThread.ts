import { parentPort, workerData } from 'node:worker_threads';
import { processLife, startOf, type KnownProcess } from '../../process/processLife.ts';
import { isParentGone } from './parentWatch.ts';
import type { ParentGone, WatchdogOrder, WatchdogSettings } from './watchdogProtocol.ts';

/**
 * Entry of the watchdog: a thread that does nothing but look, so that no loop and no native call can block it. Once the
 * parent has gone it says so, and ends the process by force when that has not ended in time. Signals are the system's:
 * they need neither of the other threads.
 */
class WatchdogThread {
  readonly #settings: WatchdogSettings;
  readonly #looking: NodeJS.Timeout;
  readonly #onParentGone: () => void;
  readonly #firstParent: KnownProcess;
  #client: KnownProcess | null = null;
  #isEnding = false;

  constructor(settings: WatchdogSettings, onParentGone: () => void) {
    this.#settings = settings;
    this.#firstParent = known(settings.firstParentId);
    this.#onParentGone = onParentGone;
    this.#looking = setInterval(() => {
      this.#look();
    }, settings.limits.lookMs);
    this.#look();
  }

  receive(order: WatchdogOrder): void {
    switch (order.type) {
      case 'client/named':
        this.#client = known(order.processId);
        return;
      case 'end/begun':
        this.#end();
        return;
    }
  }

  #look(): void {
    const signs = { firstParent: this.#firstParent, parentId: process.ppid, client: this.#client, isGone };
    if (!isParentGone(signs)) return;
    this.#onParentGone();
    this.#end();
  }

  #end(): void {
    clearInterval(this.#looking);
    if (this.#isEnding) return;
    this.#isEnding = true;
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), this.#settings.limits.graceMs);
  }
}

/** With its start, so that a later process with its number is not taken for it. */
function known(processId: number): KnownProcess {
  return { processId, startedAt: startOf(processId) };
}

function isGone(watched: KnownProcess): boolean {
  return processLife(watched) === 'gone';
}

if (parentPort === null) throw new Error('The watchdog is started as a worker, not by itself.');
const port = parentPort;
const watchdog = new WatchdogThread(workerData as WatchdogSettings, () => {
  port.postMessage({ type: 'parent/gone' } satisfies ParentGone);
});
port.on('message', (order: WatchdogOrder) => {
  watchdog.receive(order);
});
