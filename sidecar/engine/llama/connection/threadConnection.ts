import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { TokenStep } from '../../engine.ts';
import { ControlBlock, slotCount } from './controlBlock.ts';
import { stepsOf } from './stepOutbox.ts';
import type {
  CommandName,
  CommandResult,
  Commands,
  ThreadMessage,
  ThreadSettings,
} from './threadProtocol.ts';

export interface CallOptions {
  /** What a caller may learn before its call is answered. */
  readonly onSteps?: (steps: readonly TokenStep[]) => void;
  /** Preempts prompts of background work in the middle of a decode. False when absent. */
  readonly isUrgent?: boolean;
}

interface PendingCall {
  readonly onSteps: CallOptions['onSteps'];
  resolve(result: CommandResult): void;
  reject(error: CodedError): void;
}

/**
 * The main thread's end of the engine thread: calls with one answer each, and slots of the control block. When
 * the thread dies every pending and every later call fails with `engine.failed`, for good: another connection starts
 * another thread. Owns the worker.
 */
export class ThreadConnection {
  readonly control = new ControlBlock();
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingCall>();
  readonly #freeSlots = Array.from({ length: slotCount }, (_, i) => slotCount - 1 - i);
  #nextCallId = 0;
  readonly #onFailed: (error: CodedError) => void;
  #failure: CodedError | null = null;
  #isClosing = false;

  /** `onFailed` is called once, before the pending calls fail, when the thread ends without having been closed. */
  constructor(bundleFolder: string, onFailed: (error: CodedError) => void) {
    this.#onFailed = onFailed;
    const settings: ThreadSettings = { bundleFolder, control: this.control.buffer };
    this.#worker = new Worker(join(bundleFolder, 'engineThread.cjs'), { workerData: settings });
    this.#worker.on('message', (message: ThreadMessage) => {
      this.#receive(message);
    });
    this.#worker.on('error', (error) => {
      this.#fail('The engine thread failed', error);
    });
    this.#worker.on('exit', () => {
      this.#fail('The engine thread has ended');
    });
    // The connection alone must not keep the process alive; pending calls do.
    this.#worker.unref();
  }

  call<Name extends CommandName>(
    name: Name,
    params: Commands[Name]['params'],
    { onSteps, isUrgent = false }: CallOptions = {},
  ): Promise<Commands[Name]['result']> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const callId = this.#nextCallId;
    this.#nextCallId += 1;
    return new Promise<CommandResult>((resolve, reject) => {
      this.#pending.set(callId, { onSteps, resolve, reject });
      if (this.#pending.size === 1) this.#worker.ref();
      if (isUrgent) this.control.announceUrgent();
      // The generic pairing of name and params is lost on the union, and so is that of the result.
      this.#worker.postMessage({ name, callId, params, isUrgent });
    });
  }

  /** A slot of the control block, not cancelled. Give it back when its sequence is closed. */
  takeSlot(): number {
    const slot = this.#freeSlots.pop();
    if (slot === undefined) throw tooManySequences();
    this.control.renew(slot);
    return slot;
  }

  /** Several slots, or none when there are not that many. */
  takeSlots(count: number): readonly number[] {
    if (count > this.#freeSlots.length) throw tooManySequences();
    return Array.from({ length: count }, () => this.takeSlot());
  }

  giveBackSlot(slot: number): void {
    this.#freeSlots.push(slot);
  }

  /**
   * Has the thread begin nothing more, and blocks this one until it has come out of what it does. False when it has not
   * after so long: it is in a native call.
   */
  halt(limitMs: number): boolean {
    if (this.#failure !== null) return true;
    this.#worker.postMessage({
      name: 'thread/halt',
      callId: this.#nextCallId,
      params: null,
      isUrgent: false,
    });
    return this.control.awaitHalt(limitMs);
  }

  /** Frees all models and ends the thread. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#failure === null) {
      await this.call('thread/dispose', null).catch(() => null);
    }
    await this.#worker.terminate();
  }

  #receive(message: ThreadMessage): void {
    switch (message.type) {
      case 'steps':
        for (const { callId, steps } of message.runs) this.#pending.get(callId)?.onSteps?.(stepsOf(steps));
        return;
      case 'call/done':
        this.#settle(message.callId)?.resolve(message.result);
        return;
      case 'call/failed':
        this.#settle(message.callId)?.reject(CodedError.fromData(message.error));
        return;
    }
  }

  #settle(callId: number): PendingCall | undefined {
    const call = this.#pending.get(callId);
    this.#pending.delete(callId);
    if (this.#pending.size === 0) this.#worker.unref();
    return call;
  }

  #fail(what: string, cause?: unknown): void {
    // An error is followed by the exit.
    if (this.#failure !== null) return;
    const detail = cause instanceof Error ? `: ${cause.message}` : '';
    const failure = new CodedError('engine.failed', `${what}${detail}.`, remedy, { cause });
    this.#failure = failure;
    if (!this.#isClosing) this.#onFailed(failure);
    for (const callId of [...this.#pending.keys()]) this.#settle(callId)?.reject(failure);
  }
}

const remedy = 'Ask again, which starts it anew, or restart the engine.';

function tooManySequences(): CodedError {
  return new CodedError(
    'parameter.invalid',
    `More than ${slotCount} sequences would be open at once.`,
    'Ask for fewer candidates.',
  );
}
