/**
 * The memory that the main thread and the engine thread share: one abort byte that native code polls, per slot a
 * cancelled flag and a mark of being decoded right now, how many urgent messages were sent and read, and whether the engine
 * has halted. A slot is a sequence, or a model while it loads.
 *
 * The main thread raises `cancelled` and then looks at `decoding`; the engine raises `decoding` and then looks at
 * `cancelled`. Whichever comes second sees the other, so no cancellation falls between two decodes. Urgent messages are
 * counted and looked for in the same order.
 *
 * The abort byte is the lowest of a word whose other bytes number the decodes. It is raised by exchanging the word that
 * was read before `decoding` was: a decode that has ended meanwhile has changed the number, and the next one, which may
 * be of other slots, is not aborted in its place. Processors that llama.cpp is built for put the lowest byte first.
 */
const haltOffset = 32;
const countsOffset = 64;
const slotsOffset = 128;
/** Sequences and loading models at once, over all models of an engine. */
export const slotCount = 1024;
const allSlots = slotCount + 1;
/** The slot beyond those, of every decode that urgent messages preempt. */
export const givingWay = allSlots - 1;
/** What the word grows by with each number. */
const numberStep = 0x100;
const abortBit = 1;
/** Places of the counts of urgent messages. */
const sent = 0;
const read = 1;

export class ControlBlock {
  readonly buffer: SharedArrayBuffer;
  readonly #word: Int32Array;
  readonly #halted: Int32Array;
  readonly #urgentMessages: Int32Array;
  readonly #cancelled: Int32Array;
  readonly #decoding: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(slotsOffset + allSlots * 8)) {
    this.buffer = buffer;
    this.#word = new Int32Array(buffer, 0, 1);
    this.#halted = new Int32Array(buffer, haltOffset, 1);
    this.#urgentMessages = new Int32Array(buffer, countsOffset, 2);
    this.#cancelled = new Int32Array(buffer, slotsOffset, allSlots);
    this.#decoding = new Int32Array(buffer, slotsOffset + allSlots * 4, allSlots);
  }

  /** The abort byte, and zeros from the fourth byte after it on: as a C string it is empty until the byte is raised. */
  get abortString(): Uint8Array {
    return new Uint8Array(this.buffer, 0, 8);
  }

  /** Main thread: ends the slot's work, and the decode it is part of when one is running. */
  cancel(slot: number): void {
    Atomics.store(this.#cancelled, slot, 1);
    this.#abortDecodeOf(slot);
  }

  /** Main thread: makes the slot ready for new work. */
  renew(slot: number): void {
    Atomics.store(this.#cancelled, slot, 0);
  }

  isCancelled(slot: number): boolean {
    return Atomics.load(this.#cancelled, slot) === 1;
  }

  /** Main thread: an urgent message is sent next; the decode that is running ends for it, if it can be preempted. */
  announceUrgent(): void {
    Atomics.add(this.#urgentMessages, sent, 1);
    this.#abortDecodeOf(givingWay);
  }

  /** Engine thread: an urgent message was read. */
  readUrgent(): void {
    Atomics.add(this.#urgentMessages, read, 1);
  }

  /** Engine thread: an urgent message is on its way, and is read between two decodes. */
  get isUrgentComing(): boolean {
    return Atomics.load(this.#urgentMessages, sent) !== Atomics.load(this.#urgentMessages, read);
  }

  /** Engine thread: nothing native runs, and nothing will. */
  confirmHalt(): void {
    Atomics.store(this.#halted, 0, 1);
    Atomics.notify(this.#halted, 0);
  }

  /** Main thread: blocks until that is so; false when it is not after so long. */
  awaitHalt(limitMs: number): boolean {
    return Atomics.wait(this.#halted, 0, 0, limitMs) !== 'timed-out';
  }

  get isAborting(): boolean {
    return (Atomics.load(this.#word, 0) & abortBit) !== 0;
  }

  /**
   * Engine thread: announces a decode of these slots; one without slots cannot be aborted. False when one was cancelled,
   * or is preempted: then do not decode. Call `leaveDecode` in either case.
   */
  enterDecode(slots: readonly number[]): boolean {
    for (const slot of slots) Atomics.store(this.#decoding, slot, 1);
    return !slots.some((slot) => (slot === givingWay ? this.isUrgentComing : this.isCancelled(slot)));
  }

  /** Engine thread: the decode is over; an abort meant for it does not reach the next, nor one that comes too late. */
  leaveDecode(slots: readonly number[]): void {
    for (const slot of slots) Atomics.store(this.#decoding, slot, 0);
    // The next number, with the abort byte lowered. This thread alone changes the number.
    Atomics.store(this.#word, 0, (Atomics.load(this.#word, 0) & ~abortBit) + numberStep);
  }

  #abortDecodeOf(slot: number): void {
    const word = Atomics.load(this.#word, 0);
    if (Atomics.load(this.#decoding, slot) === 1) {
      Atomics.compareExchange(this.#word, 0, word, word | abortBit);
    }
  }
}
