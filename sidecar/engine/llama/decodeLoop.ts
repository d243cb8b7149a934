import { CodedError, toCodedError } from '../../../protocol/codedError.ts';
import type { LogitsKernel } from '../../numeric/logitsKernel.ts';
import type {
  GenerateEnd,
  GenerateRequest,
  Prefill,
  SequenceOptions,
  TokenId,
  TokenStep,
} from '../engine.ts';
import { chunkTokens, planRound, type RoundShare, type RoundWork } from './batchPlanner.ts';
import type { ControlBlock } from './controlBlock.ts';
import { DecodeBatch } from './decodeBatch.ts';
import { Generation } from './generation.ts';
import { KvCache } from './kvCache.ts';
import { decodeFloats, addressOf, type CLibrary, type LlamaLibrary, type Pointer } from './llamaBindings.ts';
import { createSequenceState, type PrefillWork, type SequenceState } from './sequenceState.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Tokens in one decode call, and rows of logits read from it. */
export const batchTokens = 512;
export const outputRows = 128;
/** Time a round of prompt tokens may take when no other sequence waits for its next token, and when one does. */
const prefillTargetMs = 400;
const prefillBesideDecodeTargetMs = 100;
/** Weight of the newest round in the running mean of prefill cost. */
const newestWeight = 0.3;

/** Where a loop reports to. Every call id gets exactly one of `prefilled`, `ended` and `failed`. */
export interface LoopEvents {
  prefilled(callId: number, prefill: Prefill, length: number): void;
  stepped(callId: number, step: TokenStep): void;
  ended(callId: number, end: GenerateEnd): void;
  failed(callId: number, error: CodedError): void;
}

export interface LoopParts {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  readonly context: Pointer;
  readonly vocabulary: Vocabulary;
  readonly kernel: LogitsKernel;
  readonly control: ControlBlock;
  readonly contextTokens: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly events: LoopEvents;
}

/** A sequence's part of the batch being decoded: `firstRow` is the row of its first token. */
interface BatchEntry {
  readonly sequence: SequenceState;
  readonly tokenCount: number;
  readonly firstRow: number;
}

/**
 * Continuous batching over one context: every sequence with work is part of the next decode call, joins between
 * two calls and leaves between two calls. One `runRound` is one call to llama.cpp.
 */
export class DecodeLoop {
  readonly #parts: LoopParts;
  readonly #cache: KvCache;
  readonly #batch = new DecodeBatch(batchTokens);
  readonly #sequences = new Map<number, SequenceState>();
  readonly #rowAddress: bigint;
  #workCount = 0;
  #prefillMsPerToken = 5;

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#cache = new KvCache(parts.library, parts.context, parts.contextTokens);
    this.#rowAddress = addressOf(parts.kernel.row);
  }

  get hasWork(): boolean {
    for (const { work } of this.#sequences.values()) if (work !== null) return true;
    return false;
  }

  open(id: number, priority: SequenceOptions['priority']): void {
    this.#sequences.set(id, createSequenceState(id, this.#takeCells(), priority));
  }

  /** Starts an append; it is answered by `prefilled`, at once when everything is cached. Throws `context.exceeded`. */
  append(id: number, callId: number, added: readonly TokenId[]): void {
    const sequence = this.#idle(id);
    const startedMs = this.#parts.now();
    const lengthBefore = sequence.tokens.length;
    const tokens = [...sequence.tokens, ...this.#withBeginToken(sequence, added)];
    // One position stays free, so that at least one token can be generated.
    if (tokens.length >= this.#cache.capacity) throw tooLong(tokens.length, this.#cache.capacity);
    const live = [...this.#sequences.values()]
      .filter((other) => other !== sequence)
      .map((other) => ({ cellsId: other.cellsId, tokens: other.tokens.slice(0, other.decodedCount) }));
    const cachedBefore = sequence.decodedCount;
    const held = this.#cache.reuse(sequence.cellsId, tokens.slice(0, -1), live);
    if (!this.#cache.makeRoom(Math.max(0, tokens.length - held))) {
      this.#cache.truncate(sequence.cellsId, cachedBefore);
      throw full(this.#cache.capacity);
    }
    sequence.tokens.splice(0, sequence.tokens.length, ...tokens);
    sequence.decodedCount = held;
    sequence.text.reset();
    this.#begin(sequence, {
      type: 'prefill',
      callId,
      lengthBefore,
      tokenCount: tokens.length - lengthBefore,
      cachedTokenCount: Math.max(0, held - Math.min(lengthBefore, held)),
      startedMs,
    });
    this.#finishPrefillWhenDone(sequence);
  }

  fork(id: number, children: readonly number[]): void {
    const parent = this.#idle(id);
    for (const childId of children) {
      const child = createSequenceState(childId, this.#takeCells(), parent.priority);
      this.#cache.share(parent.cellsId, child.cellsId, parent.decodedCount);
      child.tokens.push(...parent.tokens);
      child.decodedCount = parent.decodedCount;
      this.#sequences.set(childId, child);
    }
  }

  generate(id: number, callId: number, request: GenerateRequest): void {
    const sequence = this.#idle(id);
    if (sequence.tokens.length === 0) {
      throw new CodedError(
        'parameter.invalid',
        'A sequence without tokens cannot go on.',
        'Append a prompt first.',
      );
    }
    const end = this.#endBeforeStart(sequence, request);
    if (end !== null) {
      this.#parts.events.ended(callId, end);
      return;
    }
    const generation = new Generation(request, this.#parts.vocabulary, sequence.text);
    this.#begin(sequence, { type: 'generate', callId, generation });
  }

  truncate(id: number, length: number): void {
    const sequence = this.#idle(id);
    sequence.tokens.length = Math.min(sequence.tokens.length, Math.max(0, length));
    this.#keepDecoded(sequence, Math.min(sequence.decodedCount, Math.max(0, sequence.tokens.length - 1)));
    sequence.text.reset();
  }

  /** Ends the sequence; its decoded tokens stay as a reusable prefix. Pending work is answered as cancelled. */
  close(id: number): void {
    const sequence = this.#sequences.get(id);
    if (sequence === undefined) return;
    this.#cancel(sequence);
    this.#sequences.delete(id);
    this.#cache.retire(sequence.cellsId, sequence.tokens.slice(0, sequence.decodedCount));
  }

  /** Decodes the next batch. Does nothing without work. */
  runRound(): void {
    this.#dropCancelled();
    const shares = this.#plan();
    const entries = this.#fill(shares);
    if (entries.length === 0) return;
    const prefilling = entries.filter(({ sequence }) => sequence.work?.type === 'prefill');
    const slots = prefilling.map(({ sequence }) => sequence.id);
    const startedMs = this.#parts.now();
    const outcome = this.#parts.control.enterDecode(slots)
      ? this.#batch.decode(this.#parts.library, this.#parts.context)
      : 'aborted';
    this.#parts.control.leaveDecode(slots);
    switch (outcome) {
      case 'done':
        for (const entry of entries) this.#cache.extend(entry.sequence.cellsId, entry.tokenCount);
        for (const entry of entries) this.#advance(entry);
        if (prefilling.length > 0) this.#notePrefillCost(this.#parts.now() - startedMs);
        return;
      case 'aborted':
        // The cancelled sequences are dropped when the next round starts; the others decode theirs again.
        this.#restore(entries);
        return;
      case 'noCells':
        this.#restore(entries);
        this.#cache.forgetRetired();
        for (const { sequence } of entries) this.#endForWantOfCells(sequence);
        return;
      case 'failed':
        this.#restore(entries);
        for (const { sequence } of entries) this.#fail(sequence, decodeFailed());
        return;
    }
  }

  #plan(): readonly RoundShare[] {
    const works: RoundWork[] = [];
    for (const sequence of this.#sequences.values()) {
      const { work } = sequence;
      if (work === null) continue;
      const kind = work.type === 'prefill' ? 'prefill' : 'decode';
      // The last token of a prompt waits for the step that needs its logits.
      const tokens = sequence.tokens.length - sequence.decodedCount - (kind === 'prefill' ? 1 : 0);
      works.push({ id: sequence.id, priority: sequence.priority, kind, tokens, order: sequence.workOrder });
    }
    return planRound(works, {
      batchTokens,
      prefillTokens: chunkTokens(this.#prefillMsPerToken, prefillTargetMs, batchTokens),
      prefillTokensBesideDecode: chunkTokens(
        this.#prefillMsPerToken,
        prefillBesideDecodeTargetMs,
        batchTokens,
      ),
    });
  }

  /** Puts the shares into the batch, as far as cells can be had; a sequence without is ended. */
  #fill(shares: readonly RoundShare[]): readonly BatchEntry[] {
    const entries: BatchEntry[] = [];
    this.#batch.clear();
    for (const { id, tokens } of shares) {
      const sequence = this.#sequences.get(id);
      if (sequence === undefined) continue;
      if (!this.#cache.makeRoom(this.#batch.count + tokens)) {
        this.#endForWantOfCells(sequence);
        continue;
      }
      const firstRow = this.#batch.count;
      const start = sequence.decodedCount;
      const last = sequence.work?.type === 'generate' ? start + tokens - 1 : -1;
      for (const [offset, token] of sequence.tokens.slice(start, start + tokens).entries()) {
        this.#batch.add(token, start + offset, sequence.cellsId, start + offset === last);
      }
      entries.push({ sequence, tokenCount: tokens, firstRow });
    }
    return entries;
  }

  #advance({ sequence, tokenCount, firstRow }: BatchEntry): void {
    sequence.decodedCount += tokenCount;
    const { work } = sequence;
    if (work === null) return;
    if (work.type === 'prefill') {
      this.#finishPrefillWhenDone(sequence);
      return;
    }
    try {
      this.#readRow(firstRow + tokenCount - 1);
      const chosen = work.generation.choose(this.#parts.kernel);
      const { step, end } = work.generation.accept(chosen, 'model');
      sequence.tokens.push(chosen.id);
      if (step !== null) this.#parts.events.stepped(work.callId, step);
      const isFull = sequence.tokens.length >= this.#cache.capacity;
      const reason = end ?? (isFull ? ({ type: 'contextFull' } as const) : null);
      if (reason !== null) this.#end(sequence, work.callId, reason);
    } catch (thrown) {
      this.#fail(sequence, toCodedError(thrown));
    }
  }

  /** Copies a row of logits into the kernel. */
  #readRow(row: number): void {
    const { library, context, cLibrary, kernel } = this.#parts;
    const source = library.logitsRow(context, row);
    if (source === null) throw decodeFailed();
    if (cLibrary === null) decodeFloats(source, kernel.row);
    else cLibrary.copyMemory(this.#rowAddress, source, kernel.row.byteLength);
  }

  #finishPrefillWhenDone(sequence: SequenceState): void {
    const { work } = sequence;
    if (work?.type !== 'prefill' || sequence.decodedCount < sequence.tokens.length - 1) return;
    sequence.work = null;
    const prefill: Prefill = {
      tokenCount: work.tokenCount,
      cachedTokenCount: work.cachedTokenCount,
      durationMs: this.#parts.now() - work.startedMs,
    };
    this.#parts.events.prefilled(work.callId, prefill, sequence.tokens.length);
  }

  #dropCancelled(): void {
    for (const sequence of this.#sequences.values()) {
      if (sequence.work !== null && this.#parts.control.isCancelled(sequence.id)) this.#cancel(sequence);
    }
  }

  #cancel(sequence: SequenceState): void {
    const { work } = sequence;
    if (work === null) return;
    if (work.type === 'generate') this.#end(sequence, work.callId, { type: 'cancelled' });
    else
      this.#abandonPrefill(
        sequence,
        work,
        new CodedError('cancelled', 'The request was cancelled.', 'Ask again.'),
      );
  }

  #end(sequence: SequenceState, callId: number, end: GenerateEnd): void {
    sequence.work = null;
    this.#parts.events.ended(callId, end);
  }

  #fail(sequence: SequenceState, error: CodedError): void {
    const { work } = sequence;
    if (work === null) return;
    if (work.type === 'prefill') {
      this.#abandonPrefill(sequence, work, error);
      return;
    }
    sequence.work = null;
    this.#parts.events.failed(work.callId, error);
  }

  /** The sequence becomes what it was before the append; what was decoded already serves the next one that starts alike. */
  #abandonPrefill(sequence: SequenceState, work: PrefillWork, error: CodedError): void {
    sequence.work = null;
    this.#cache.retireCopy(sequence.cellsId, sequence.tokens.slice(0, sequence.decodedCount));
    sequence.tokens.length = work.lengthBefore;
    this.#keepDecoded(sequence, Math.min(sequence.decodedCount, Math.max(0, work.lengthBefore - 1)));
    this.#parts.events.failed(work.callId, error);
  }

  #endForWantOfCells(sequence: SequenceState): void {
    const { work } = sequence;
    if (work === null) return;
    if (work.type === 'generate') this.#end(sequence, work.callId, { type: 'contextFull' });
    else this.#abandonPrefill(sequence, work, full(this.#cache.capacity));
  }

  #restore(entries: readonly BatchEntry[]): void {
    for (const { sequence } of entries) this.#cache.truncate(sequence.cellsId, sequence.decodedCount);
  }

  #keepDecoded(sequence: SequenceState, count: number): void {
    if (count < sequence.decodedCount) this.#cache.truncate(sequence.cellsId, count);
    sequence.decodedCount = count;
  }

  #notePrefillCost(durationMs: number): void {
    const msPerToken = durationMs / this.#batch.count;
    this.#prefillMsPerToken += newestWeight * (msPerToken - this.#prefillMsPerToken);
  }

  #endBeforeStart(sequence: SequenceState, request: GenerateRequest): GenerateEnd | null {
    if (request.maxTokens <= 0) return { type: 'maxTokens' };
    return sequence.tokens.length >= this.#cache.capacity ? { type: 'contextFull' } : null;
  }

  #withBeginToken(sequence: SequenceState, added: readonly TokenId[]): readonly TokenId[] {
    const { beginToken } = this.#parts.vocabulary;
    const isMissing = beginToken !== null && sequence.tokens.length === 0 && added[0] !== beginToken;
    return isMissing ? [beginToken, ...added] : added;
  }

  #begin(sequence: SequenceState, work: NonNullable<SequenceState['work']>): void {
    sequence.work = work;
    sequence.workOrder = this.#workCount;
    this.#workCount += 1;
  }

  #idle(id: number): SequenceState {
    const sequence = this.#sequences.get(id);
    if (sequence === undefined) throw new Error('The sequence is not open.');
    if (sequence.work !== null) throw new Error('The sequence already has an append or generate running.');
    return sequence;
  }

  #takeCells(): number {
    const cellsId = this.#cache.take();
    if (cellsId !== null) return cellsId;
    throw new CodedError(
      'parameter.invalid',
      'More than 256 sequences would be alive at once, which llama.cpp cannot tell apart.',
      'Ask for fewer candidates.',
    );
  }
}

function tooLong(tokens: number, capacity: number): CodedError {
  return new CodedError(
    'context.exceeded',
    `The prompt has ${tokens} tokens and the context holds ${capacity}, one of them kept for the answer.`,
    'Shorten the text, or raise the context size in the settings.',
  );
}

function full(capacity: number): CodedError {
  return new CodedError(
    'context.exceeded',
    `All ${capacity} tokens of the context are in use by running requests.`,
    'Wait for a request to finish, or raise the context size in the settings.',
  );
}

function decodeFailed(): CodedError {
  return new CodedError(
    'engine.failed',
    'llama.cpp could not decode the batch; its reason is in the log.',
    'Ask again; if it repeats, restart the engine.',
  );
}
