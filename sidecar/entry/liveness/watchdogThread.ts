import { parentPort, workerData } from 'node:worker_threads';
import { systemErrorCode } from '../../process/systemError.ts';
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
  #clientId: number | null = null;
  #isEnding = false;

  constructor(settings: WatchdogSettings, onParentGone: () => void) {
    this.#settings = settings;
    this.#onParentGone = onParentGone;
    this.#looking = setInterval(() => {
      this.#look();
    }, settings.limits.lookMs);
    this.#look();
  }

  receive(order: WatchdogOrder): void {
    switch (order.type) {
      case 'client/named':
        this.#clientId = order.processId;
        return;
      case 'end/begun':
        this.#end();
        return;
    }
  }

  #look(): void {
    const { firstParentId } = this.#settings;
    const signs = { firstParentId, parentId: process.ppid, clientId: this.#clientId, isAlive };
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

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (thrown) {
    // One that may not be signalled is there.
    return systemErrorCode(thrown) !== 'ESRCH';
  }
}

if (parentPort === null) throw new Error('The watchdog is started as a worker, not by itself.');
const port = parentPort;
const watchdog = new WatchdogThread(workerData as WatchdogSettings, () => {
  port.postMessage({ type: 'parent/gone' } satisfies ParentGone);
});
port.on('message', (order: WatchdogOrder) => {
  watchdog.receive(order);
});
