/**
 * The memory that the main thread and the engine thread share: one abort byte that native code polls, and per slot
 * a cancelled flag and a mark of being decoded right now. A slot is a sequence, or a model while it loads.
 *
 * The main thread raises `cancelled` and then looks at `decoding`; the engine raises `decoding` and then looks at
 * `cancelled`. Whichever comes second sees the other, so no cancellation falls between two decodes.
 */
const slotsOffset = 64;
/** Sequences and loading models at once, over all models of an engine. */
export const slotCount = 1024;

export class ControlBlock {
  readonly buffer: SharedArrayBuffer;
  readonly #abort: Uint8Array;
  readonly #cancelled: Int32Array;
  readonly #decoding: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(slotsOffset + slotCount * 8)) {
    this.buffer = buffer;
    this.#abort = new Uint8Array(buffer, 0, 8);
    this.#cancelled = new Int32Array(buffer, slotsOffset, slotCount);
    this.#decoding = new Int32Array(buffer, slotsOffset + slotCount * 4, slotCount);
  }

  /** One byte and zeros behind it: as a C string it is empty until the abort byte is raised. */
  get abortString(): Uint8Array {
    return this.#abort;
  }

  /** Main thread: ends the slot's work, and the decode it is part of when one is running. */
  cancel(slot: number): void {
    Atomics.store(this.#cancelled, slot, 1);
    if (Atomics.load(this.#decoding, slot) === 1) Atomics.store(this.#abort, 0, 1);
  }

  /** Main thread: makes the slot ready for new work. */
  renew(slot: number): void {
    Atomics.store(this.#cancelled, slot, 0);
  }

  isCancelled(slot: number): boolean {
    return Atomics.load(this.#cancelled, slot) === 1;
  }

  get isAborting(): boolean {
    return Atomics.load(this.#abort, 0) === 1;
  }

  /** Engine thread: announces a decode of these slots. False when one was cancelled: then do not decode. */
  enterDecode(slots: readonly number[]): boolean {
    for (const slot of slots) Atomics.store(this.#decoding, slot, 1);
    return !slots.some((slot) => this.isCancelled(slot));
  }

  /** Engine thread: the decode is over; an abort meant for it must not reach the next. */
  leaveDecode(slots: readonly number[]): void {
    for (const slot of slots) Atomics.store(this.#decoding, slot, 0);
    Atomics.store(this.#abort, 0, 0);
  }
}
