import { onAbort } from '../../../process/onAbort.ts';
import { cancelled } from '../../cancelled.ts';
import { choiceGrammar } from '../../choiceGrammar.ts';
import type {
  GenerateRequest,
  GenerateResult,
  Prefill,
  Sequence,
  SequenceOptions,
  TokenId,
  TokenStep,
} from '../../engine.ts';
import { StepQueue } from './stepQueue.ts';
import type { ThreadConnection } from './threadConnection.ts';

interface SequenceDependencies {
  readonly id: number;
  readonly isUrgent: boolean;
  readonly length: number;
  readonly onDispose: () => void;
}

/** A sequence on the engine thread as the main thread sees it. Its id is its slot of the control block. */
export class LlamaSequence implements Sequence {
  readonly #connection: ThreadConnection;
  readonly #id: number;
  /** An interactive one, whose prompts and tokens preempt background work. */
  readonly #isUrgent: boolean;
  readonly #onDispose: () => void;
  #length: number;
  #disposal: Promise<void> | null = null;

  private constructor(
    connection: ThreadConnection,
    { id, isUrgent, length, onDispose }: SequenceDependencies,
  ) {
    this.#connection = connection;
    this.#id = id;
    this.#isUrgent = isUrgent;
    this.#length = length;
    this.#onDispose = onDispose;
  }

  /** Opens an empty sequence of a model. `onDispose` runs once it is closed. */
  static async open(
    connection: ThreadConnection,
    modelId: number,
    options: SequenceOptions,
    onDispose: () => void,
  ): Promise<LlamaSequence> {
    const isUrgent = options.priority === 'interactive';
    const id = connection.takeSlot();
    try {
      await connection.call('sequence/open', { modelId, sequenceId: id, options }, { isUrgent });
    } catch (thrown) {
      connection.giveBackSlot(id);
      throw thrown;
    }
    return new LlamaSequence(connection, { id, isUrgent, length: 0, onDispose });
  }

  get length(): number {
    return this.#length;
  }

  async append(tokens: readonly TokenId[], signal: AbortSignal): Promise<Prefill> {
    this.#requireOpen();
    if (signal.aborted) throw cancelled();
    const cancel = (): void => {
      this.#connection.control.cancel(this.#id);
    };
    this.#connection.control.renew(this.#id);
    const stopListening = onAbort(signal, cancel);
    try {
      const { length, ...prefill } = await this.#connection.call(
        'sequence/append',
        { sequenceId: this.#id, tokens },
        { isUrgent: this.#isUrgent },
      );
      this.#length = length;
      return prefill;
    } finally {
      stopListening();
    }
  }

  async fork(count: number, signal: AbortSignal): Promise<readonly Sequence[]> {
    this.#requireOpen();
    if (signal.aborted) throw cancelled();
    const children = this.#connection.takeSlots(count);
    try {
      await this.#connection.call('sequence/fork', { sequenceId: this.#id, children });
    } catch (thrown) {
      for (const child of children) this.#connection.giveBackSlot(child);
      throw thrown;
    }
    return children.map((id) => {
      const parts = { id, isUrgent: this.#isUrgent, length: this.#length, onDispose: () => undefined };
      return new LlamaSequence(this.#connection, parts);
    });
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly TokenStep[], GenerateResult, void> {
    this.#requireOpen();
    if (signal.aborted) return { end: { type: 'cancelled' }, drafts: [], droppedTokenCount: 0 };
    const queue = new StepQueue();
    let isRunning = true;
    const cancel = (): void => {
      // A consumer may come back long after the end, when the slot is another sequence's.
      if (isRunning) this.#connection.control.cancel(this.#id);
    };
    this.#connection.control.renew(this.#id);
    const ended = this.#connection
      .call(
        'sequence/generate',
        { sequenceId: this.#id, request: inGrammar(request) },
        {
          onSteps: (steps) => {
            queue.push(steps);
          },
          isUrgent: this.#isUrgent,
        },
      )
      .then((result) => {
        if (result.end.type === 'endToken') this.#length += 1;
        this.#length -= result.droppedTokenCount;
        return result;
      })
      .finally(() => {
        isRunning = false;
        queue.close();
      });
    // A failure is reported when the consumer asks for more; until then it must not count as unhandled.
    ended.catch(() => undefined);
    const stopListening = onAbort(signal, cancel);
    try {
      for await (const steps of queue) {
        this.#length += steps.length;
        yield steps;
      }
      return await ended;
    } finally {
      // A caller that leaves its loop early ends the generation; the sequence is idle when this returns.
      stopListening();
      cancel();
      await ended.catch(() => null);
      for (const steps of queue.rest()) this.#length += steps.length;
    }
  }

  async lastHiddenState(signal: AbortSignal): Promise<Float32Array | null> {
    this.#requireOpen();
    if (signal.aborted) throw cancelled();
    return this.#connection.call('sequence/hiddenState', { sequenceId: this.#id });
  }

  async truncate(length: number): Promise<void> {
    this.#requireOpen();
    await this.#connection.call('sequence/truncate', { sequenceId: this.#id, length });
    this.#length = Math.min(this.#length, length);
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#close();
    return this.#disposal;
  }

  async #close(): Promise<void> {
    this.#connection.control.cancel(this.#id);
    try {
      await this.#connection.call('sequence/dispose', { sequenceId: this.#id });
    } catch {
      // The thread is gone and the sequence with it.
    } finally {
      this.#connection.giveBackSlot(this.#id);
      this.#onDispose();
    }
  }

  /** The slot of a disposed sequence may be another's by now. */
  #requireOpen(): void {
    if (this.#disposal !== null) throw new Error('A disposed sequence was used.');
  }
}

/** The engine thread knows grammars alone. */
function inGrammar({ choices, ...request }: GenerateRequest): GenerateRequest {
  return choices === undefined ? request : { ...request, grammar: choiceGrammar(choices) };
}
