import { CodedError } from '../../protocol/codedError.ts';
import { onAbort } from '../process/onAbort.ts';
import { cancelled } from './cancelled.ts';

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (error: CodedError) => void;
}

/** Lets a limited number of a model's sequences be opened, in order of arrival. */
export class SlotGate {
  readonly #waiting: Waiter[] = [];
  #free: number;
  #isClosed = false;

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Waits for a place. Throws `cancelled` when the signal comes first, `engine.failed` once it is closed. */
  async enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw cancelled();
    if (this.#isClosed) throw unloaded();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        admit: () => {
          stopListening();
          resolve();
        },
        refuse: (error) => {
          stopListening();
          reject(error);
        },
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(cancelled());
      };
      const stopListening = onAbort(signal, giveUp);
      this.#waiting.push(waiter);
    });
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next.admit();
  }

  /** The model is gone: refuses all who wait and all who come. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(unloaded());
  }
}

function unloaded(): CodedError {
  return new CodedError('engine.failed', 'The model has been unloaded.', 'Ask again.');
}
