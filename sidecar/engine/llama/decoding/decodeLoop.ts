import { toCodedError } from '../../../../protocol/codedError.ts';
import type { LogitsKernel } from '../../../numeric/logitsKernel.ts';
import type { GenerateEnd } from '../../engine.ts';
import { endsLine } from '../../lineEnd.ts';
import type { ModelSpeculation } from '../../speculation/modelSpeculation.ts';
import { noProposal } from '../../speculation/speculator.ts';
import type { KvCache } from '../cache/kvCache.ts';
import { type ControlBlock, givingWay } from '../connection/controlBlock.ts';
import { DraftBranches, mostBranches } from '../drafting/draftBranches.ts';
import { dropDrafts, type RoundPart } from '../drafting/dropDrafts.ts';
import { decodeFailed } from '../native/contextErrors.ts';
import { DecodeBatch } from '../native/decodeBatch.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { type CLibrary, readEmbedding, readLogits } from '../native/nativeMemory.ts';
import type { Vocabulary } from '../native/vocabulary.ts';
import {
  batchTokens,
  outputRows,
  planRound,
  type RoundShare,
  type RoundWork,
  worksInTurn,
} from './batchPlanner.ts';
import type { ComputeThreads } from './computeThreads.ts';
import { callAfterAbort, callAfterSuccess, PrefillChunks } from './prefillChunks.ts';
import { decodedTokens, givesWay, givesWayNow, isPrefilling, type SequenceState } from './sequenceState.ts';
import type { SequenceStore } from './sequenceStore.ts';
import type { StateOutputs } from './stateOutputs.ts';
import type { LoopEvents } from './workAnswers.ts';

export interface LoopDependencies {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  readonly context: Pointer;
  readonly kernel: LogitsKernel;
  readonly control: ControlBlock;
  readonly threads: ComputeThreads;
  readonly cache: KvCache;
  readonly sequences: SequenceStore;
  readonly vocabulary: Vocabulary;
  readonly stateOutputs: StateOutputs;
  /** As in `ModelInfo`: where it is null no state is read, whatever a request asks for. */
  readonly stateSize: number | null;
  /** Width of the hidden state; null where a graph cannot be aborted between its nodes. */
  readonly abortableHiddenSize: number | null;
  /** Null while speculation is off. */
  readonly speculation: ModelSpeculation | null;
  /** As it was measured at rest; null where it was not. */
  readonly prefillMsPerToken: number | null;
  readonly events: LoopEvents;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** A sequence's part of the batch being decoded: `firstRow` is the row of its first token. */
interface BatchEntry {
  readonly sequence: SequenceState;
  readonly tokenCount: number;
  readonly firstRow: number;
  /** Null without a draft. */
  readonly branches: DraftBranches | null;
}

/** Where what a decode call gave is read: a guess's row, or the pending token's for −1. */
interface DecodedRows {
  /** Brings the logits into the kernel. */
  readLogits(reached: number): void;
  /** A copy of the last layer's state; null where the model has none. */
  readState(reached: number): Float32Array | null;
}

/**
 * Continuous batching over one context: every sequence with work is part of the next decode call, joins between
 * two calls and leaves between two calls. One `runRound` is one call to llama.cpp.
 */
export class DecodeLoop {
  readonly #dependencies: LoopDependencies;
  readonly #batch = new DecodeBatch(batchTokens);
  readonly #chunks: PrefillChunks;
  /** Whether prompts come next where they cannot share a call with sequences whose states are read. */
  #isPromptsTurn = false;

  constructor(dependencies: LoopDependencies) {
    this.#dependencies = dependencies;
    this.#chunks = new PrefillChunks(dependencies.abortableHiddenSize, dependencies.prefillMsPerToken);
  }

  get hasWork(): boolean {
    return this.#dependencies.sequences.hasWork;
  }

  /** Decodes the next batch. Does nothing without work. */
  runRound(): void {
    const { control, threads, sequences, stateOutputs, library, context, now } = this.#dependencies;
    // Interactive work is on its way, and its message is read between two rounds.
    if (control.isUrgentComing && sequences.priority === 'background') return;
    sequences.beginRound();
    this.#dropCancelled();
    sequences.preemptedCells.bringBack();
    this.#drawAhead();
    this.#proposeDrafts();
    const entries = this.#fill(this.#plan());
    if (entries.length === 0) return;
    const prefilling = entries.filter(({ sequence }) => isPrefilling(sequence));
    const isInterruptible = entries.every(({ sequence }) => givesWayNow(sequence));
    const abortable = [
      ...prefilling.map(({ sequence }) => sequence.id),
      ...(isInterruptible ? [givingWay] : []),
    ];
    const slots = this.#dependencies.cache.isShiftPending ? [] : abortable;
    const isReproducible = entries.some(({ sequence }) => sequence.isReproducible);
    const startedMs = now();
    const kind = prefilling.length > 0 ? 'prefill' : 'decode';
    const givesStates =
      this.#dependencies.stateSize !== null && entries.some(({ sequence }) => wantsStates(sequence));
    this.#isPromptsTurn = givesStates;
    stateOutputs.set(givesStates);
    // A step is over soon, so cancelling aborts prompts alone. Interactive work aborts a step of background work, too.
    const mayDecode = control.enterDecode(slots);
    const outcome = mayDecode
      ? threads.run(kind, { isReproducible }, () => this.#batch.decode(library, context))
      : 'aborted';
    control.leaveDecode(slots);
    switch (outcome) {
      case 'done':
        this.#advanceAll(entries);
        this.#noteCost(startedMs, prefilling.length > 0);
        return;
      case 'aborted':
        // The cancelled sequences are dropped when the next round starts; the others decode theirs again.
        this.#restore(entries);
        if (mayDecode && isInterruptible && control.isUrgentComing) {
          for (const { sequence } of entries) {
            if (isPrefilling(sequence)) sequence.callTokens = callAfterAbort(this.#batch.count);
            else sequence.hasLostStep = true;
          }
        }
        return;
      case 'noCells':
        this.#restore(entries);
        this.#dependencies.cache.forgetRetired();
        for (const { sequence } of entries) this.#dependencies.sequences.answers.endForWantOfCells(sequence);
        return;
      case 'failed':
        this.#restore(entries);
        for (const { sequence } of entries)
          this.#dependencies.sequences.answers.fail(sequence, decodeFailed());
        return;
    }
  }

  #dropCancelled(): void {
    const { sequences, control } = this.#dependencies;
    for (const sequence of [...sequences.working()]) {
      if (control.isCancelled(sequence.id)) sequences.answers.cancel(sequence);
    }
  }

  /** First tokens of generations whose prompt was decoded to its end before them: what was read there is drawn from. */
  #drawAhead(): void {
    const { sequences, kernel } = this.#dependencies;
    for (const sequence of [...sequences.working()]) {
      const { ahead, work } = sequence;
      if (ahead === null || work.type !== 'generate') continue;
      sequence.ahead = null;
      this.#drawOrFail(
        { sequence, branches: null },
        {
          readLogits: () => {
            kernel.row.set(ahead.logits);
          },
          // Forks have the same one, and what is delivered is given away.
          readState: () => ahead.state.slice(),
        },
      );
    }
  }

  /** Asks the drafters, unless prompts make the cost of the call unknowable. */
  #proposeDrafts(): void {
    const all = [...this.#dependencies.sequences.working()];
    for (const sequence of all) sequence.draft = noProposal;
    const works = worksInTurn(all);
    if (works.some(isPrefilling)) return;
    const { control } = this.#dependencies;
    const slots = works.map(({ id }) => id);
    // A draft model decodes as well, and may have far to catch up: cancelling any of them ends that in the middle.
    const mayDraft = control.enterDecode(slots);
    let others = works.length - 1;
    for (const sequence of mayDraft ? works : []) {
      sequence.draft = this.#draftFor(sequence, works.length - 1, others);
      others += sequence.draft.nodes.length;
    }
    control.leaveDecode(slots);
  }

  #draftFor(sequence: SequenceState, sequenceCount: number, tokens: number): SequenceState['draft'] {
    const { speculator, work } = sequence;
    if (speculator === null || work?.type !== 'generate' || work.generation.isStartDue) return noProposal;
    const toGenerate = work.generation.request.maxTokens - work.generation.count;
    const rows = outputRows - 1 - tokens;
    const room = Math.min(
      toGenerate - 1,
      this.#dependencies.cache.capacity - sequence.tokens.length - 1,
      rows,
    );
    if (room <= 0) return noProposal;
    return speculator.propose(sequence.tokens, {
      tokens: room,
      branches: mostBranches,
      others: { tokens, expectedTokens: sequenceCount },
    });
  }

  #plan(): readonly RoundShare[] {
    const { sequences } = this.#dependencies;
    const works: RoundWork[] = [];
    for (const sequence of sequences.working()) {
      if (sequences.preemptedCells.waits(sequence)) continue;
      const { id, priority, isReproducible, workSince: since, servedRound, draft } = sequence;
      const common = { id, priority, isReproducible, since, servedRound };
      const waiting = sequence.tokens.length - sequence.decodedCount;
      works.push(
        isPrefilling(sequence)
          ? {
              ...common,
              kind: 'prefill',
              tokens: waiting - 1,
              doneTokens: decodedTokens(sequence),
              mostTokens: this.#chunks.mostAt(sequence.decodedCount),
              wantsStates: false,
              callTokens: givesWay(sequence) ? sequence.callTokens : null,
            }
          : {
              ...common,
              kind: 'decode',
              tokens: waiting + draft.nodes.length,
              doneTokens: 0,
              mostTokens: batchTokens,
              wantsStates: wantsStates(sequence),
              callTokens: null,
            },
      );
    }
    const isPromptsTurn = this.#isPromptsTurn;
    return planRound(works, { batchTokens, outputRows, ...this.#chunks.limits, isPromptsTurn });
  }

  /** Puts the shares into the batch, as far as cells can be had: first drafts are given up, then see `KvPreemption`. */
  #fill(shares: readonly RoundShare[]): readonly BatchEntry[] {
    const { cache, sequences } = this.#dependencies;
    const works = shares.flatMap(({ id, tokens }): RoundPart[] => {
      const sequence = sequences.get(id);
      return sequence === undefined ? [] : [{ sequence, tokens }];
    });
    const wanted = (): number =>
      works.reduce((sum, { sequence, tokens }) => sum + (sequence.work === null ? 0 : tokens), 0);
    dropDrafts(works, () => cache.makeRoom(wanted()));
    sequences.kvPreemption.forRound(sequences.priority, wanted);
    this.#batch.clear();
    const entries: BatchEntry[] = [];
    for (const { sequence, tokens } of works) {
      if (sequence.work === null) continue;
      const firstRow = this.#batch.count;
      sequence.servedRound = sequences.round;
      entries.push({ sequence, tokenCount: tokens, firstRow, branches: this.#add(sequence, tokens) });
    }
    return entries;
  }

  /**
   * Adds the tokens that wait, and the draft. Logits are wanted of every token that is drawn from, and of no prompt
   * token.
   */
  #add(sequence: SequenceState, tokenCount: number): DraftBranches | null {
    const { tokens, draft, decodedCount, cellsId } = sequence;
    const wantsLogits = !isPrefilling(sequence);
    if (wantsLogits && draft.nodes.length > 0) {
      const branches = new DraftBranches(this.#dependencies.cache, sequence, draft.nodes);
      branches.add(this.#batch);
      return branches;
    }
    for (let position = decodedCount; position < decodedCount + tokenCount; position++) {
      this.#batch.add(tokens[position] ?? 0, position, cellsId, wantsLogits);
    }
    return null;
  }

  #advanceAll(entries: readonly BatchEntry[]): void {
    const { cache, sequences } = this.#dependencies;
    for (const { sequence, tokenCount, branches } of entries) {
      if (branches === null) cache.extend(sequence.cellsId, tokenCount);
      else branches.extend();
      sequence.decodedCount += branches?.ownLength ?? tokenCount;
      sequence.callTokens = callAfterSuccess(sequence.callTokens);
      sequence.hasLostStep = false;
    }
    for (const entry of entries) {
      const { sequence, firstRow } = entry;
      if (sequence.work?.type === 'generate' && sequence.decodedCount >= sequence.tokens.length) {
        this.#drawOrFail(entry, {
          readLogits: (reached) => {
            this.#readLogits(firstRow + 1 + reached);
          },
          readState: (reached) => this.#readState(firstRow + 1 + reached),
        });
      } else {
        sequences.answers.finishPrefillWhenDone(sequence);
      }
    }
  }

  #drawOrFail(drawn: Pick<BatchEntry, 'sequence' | 'branches'>, rows: DecodedRows): void {
    const { cache, sequences } = this.#dependencies;
    const { sequence } = drawn;
    try {
      this.#drawTokens(drawn, rows);
    } catch (thrown) {
      sequences.cells.keepDecoded(sequence, sequence.tokens.length - 1);
      cache.distrust(sequence.cellsId);
      sequences.answers.fail(sequence, toCodedError(thrown));
    }
  }

  /**
   * Draws the next token from the row of the pending one, and as long as the draw is in the draft, another from the
   * row of that guess: the text is that of plain decoding, but for rounding. Cells of wrong guesses are dropped.
   */
  #drawTokens({ sequence, branches }: Pick<BatchEntry, 'sequence' | 'branches'>, rows: DecodedRows): void {
    const { sequences, events, kernel, cache } = this.#dependencies;
    const { work, draft, speculator, tokens } = sequence;
    if (work?.type !== 'generate') return;
    const lengthBefore = tokens.length;
    let end: GenerateEnd | null = null;
    let acceptedTokens = 0;
    // The row whose logits are drawn from: −1 is the pending token's, else the guess's that was right last.
    let reached = -1;
    try {
      while (end === null) {
        rows.readLogits(reached);
        const chosen = work.generation.choose(kernel);
        const guess = branches?.childOf(reached, chosen.id) ?? null;
        const accepted = work.generation.accept(chosen, guess === null ? 'model' : draft.source);
        const lineState = this.#isAtLineEnd(sequence) ? rows.readState(reached) : null;
        tokens.push(chosen.id);
        if (accepted.step !== null) {
          const step = lineState === null ? accepted.step : { ...accepted.step, lineState };
          events.stepped(work.callId, step);
        }
        end = accepted.end;
        if (end !== null && wantsStates(sequence)) work.generation.lastState = rows.readState(reached);
        if (guess === null) break;
        reached = guess;
        acceptedTokens += 1;
      }
    } finally {
      sequence.decodedCount = branches?.settle(reached) ?? sequence.decodedCount;
    }
    sequences.cells.keepDecoded(sequence, tokens.length - 1);
    if (branches !== null) work.generation.countDraft(draft.source, branches.nodes.length, acceptedTokens);
    speculator?.generated(tokens, lengthBefore);
    // A draft never reaches further than the context does, so only what was drawn last can fill it.
    const isFull = tokens.length >= cache.capacity;
    if (end === null && isFull && !sequences.cells.shift(sequence)) end = { type: 'contextFull' };
    if (end !== null) sequences.answers.end(sequence, end);
  }

  /** Whether states are wanted and the last token ended a line: its state is that of the row being drawn from. */
  #isAtLineEnd(sequence: SequenceState): boolean {
    const { vocabulary, stateSize } = this.#dependencies;
    if (stateSize === null || !wantsStates(sequence)) return false;
    const [before, last] = sequence.tokens.slice(-2).map((token) => vocabulary.textOf(token));
    return last === undefined ? endsLine(before ?? '', '') : endsLine(last, before ?? '');
  }

  #readLogits(row: number): void {
    const { library, context, cLibrary, kernel } = this.#dependencies;
    if (!readLogits({ library, cLibrary, context }, row, kernel.row)) throw decodeFailed();
  }

  #readState(row: number): Float32Array | null {
    const { library, context, cLibrary, stateSize } = this.#dependencies;
    if (stateSize === null) return null;
    // An explicit buffer: native code writes to where it lies, and it is given away whole.
    const state = new Float32Array(new ArrayBuffer(stateSize * 4));
    return readEmbedding({ library, cLibrary, context }, row, state) ? state : null;
  }

  /** A decode that was not completed may have left cells beyond those accounted for. */
  #restore(entries: readonly BatchEntry[]): void {
    for (const { sequence, branches } of entries) {
      this.#dependencies.cache.truncate(sequence.cellsId, sequence.decodedCount);
      branches?.drop();
    }
  }

  #noteCost(startedMs: number, hadPrompt: boolean): void {
    const durationMs = this.#dependencies.now() - startedMs;
    if (!hadPrompt) {
      this.#dependencies.speculation?.noteCall(this.#batch.count, durationMs);
      return;
    }
    this.#dependencies.cache.notePrefill(this.#batch.count, durationMs);
    this.#chunks.note(this.#batch.count, durationMs);
  }
}

/** Whether last-layer states of the sequence's next row are read: its generation asked for them, and no prompt is decoded. */
function wantsStates(sequence: SequenceState): boolean {
  const { work } = sequence;
  return (
    work?.type === 'generate' &&
    work.generation.request.hiddenStatesAt !== undefined &&
    !isPrefilling(sequence)
  );
}
