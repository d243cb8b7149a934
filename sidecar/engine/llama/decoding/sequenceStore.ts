import { CodedError } from '../../../../protocol/codedError.ts';
import type { GenerateRequest, SequenceOptions, TokenId } from '../../engine.ts';
import type { ModelSpeculation } from '../../speculation/modelSpeculation.ts';
import { type KvCache, sequenceLimit } from '../cache/kvCache.ts';
import { contextInUse, contextTooShort } from '../native/contextErrors.ts';
import type { Vocabulary } from '../native/vocabulary.ts';
import { BatchJoinWindow, comingOwner } from './batchJoinWindow.ts';
import { KvPreemption } from './kvPreemption.ts';
import { Generation } from './generation.ts';
import type { GrammarFilter } from './grammarFilter.ts';
import { PreemptedCells, sharedAhead, waitingTokens } from './preemptedCells.ts';
import { SequenceCells } from './sequenceCells.ts';
import { createSequenceState, type SequenceState, type SequenceWork } from './sequenceState.ts';
import { type LoopEvents, WorkAnswers } from './workAnswers.ts';
import { isBehind } from './preemptionOrder.ts';

export interface StoreDependencies {
  readonly cache: KvCache;
  readonly vocabulary: Vocabulary;
  /** Throws `grammar.invalid`. */
  readonly openGrammar: (grammar: string) => GrammarFilter;
  /** Null while speculation is off. */
  readonly speculation: ModelSpeculation | null;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly events: LoopEvents;
  /** Whether the owner of a sequence has cancelled what runs on it, which the next round ends. */
  readonly isCancelled: (id: number) => boolean;
}

/**
 * The live sequences of one context, and what their owners ask of them. Changes between two decode rounds only. The
 * rounds themselves are the decode loop's.
 */
export class SequenceStore {
  readonly #dependencies: StoreDependencies;
  readonly #sequences = new Map<number, SequenceState>();
  readonly #owners: BatchJoinWindow;
  readonly cells: SequenceCells;
  readonly answers: WorkAnswers;
  readonly kvPreemption: KvPreemption;
  readonly preemptedCells: PreemptedCells;
  #round = 0;

  constructor(dependencies: StoreDependencies) {
    this.#dependencies = dependencies;
    const { cache, events, now } = dependencies;
    this.#owners = new BatchJoinWindow(now);
    this.cells = new SequenceCells(cache);
    this.answers = new WorkAnswers({ cache, cells: this.cells, owners: this.#owners, events, now });
    const live = (): Iterable<SequenceState> => this.#sequences.values();
    this.kvPreemption = new KvPreemption({ cache, cells: this.cells, answers: this.answers, live });
    this.preemptedCells = new PreemptedCells({
      cache,
      answers: this.answers,
      live,
      working: () => this.working(),
    });
  }

  get(id: number): SequenceState | undefined {
    return this.#sequences.get(id);
  }

  /** An open sequence on which nothing runs. Throws where there is none such: a bug of its owner. */
  idle(id: number): SequenceState {
    const sequence = this.#sequences.get(id);
    if (sequence === undefined) throw new Error('The sequence is not open.');
    if (sequence.work !== null) throw new Error('The sequence already has an append or generate running.');
    return sequence;
  }

  /** Sequences with an append or generate running, in the order of their opening. */
  *working(): Generator<SequenceState & { readonly work: SequenceWork }> {
    for (const sequence of this.#sequences.values()) if (hasWork(sequence)) yield sequence;
  }

  get hasWork(): boolean {
    return this.working().next().done !== true;
  }

  /** Highest priority among the work there is: interactive work of one model goes before background work of another, too. */
  get priority(): SequenceOptions['priority'] {
    for (const { priority } of this.working()) if (priority === 'interactive') return priority;
    return 'background';
  }

  /** How long the next round should wait for owners that were just answered, in milliseconds. */
  get waitMs(): number {
    const working = [...this.working()];
    return this.#owners.waitMs(working.some(({ priority }) => priority === 'interactive'));
  }

  /** How long background work of any model should wait for interactive owners of this one, in milliseconds. */
  get interactiveWaitMs(): number {
    return this.#owners.interactiveWaitMs;
  }

  /** Rounds that have begun. */
  get round(): number {
    return this.#round;
  }

  /** What comes in from now on is for the round after this one. */
  beginRound(): void {
    this.#round += 1;
  }

  /** Lets the next round wait a moment for an interactive sequence that is about to be opened. */
  expectInteractive(): void {
    this.#owners.answered(comingOwner, 'interactive');
  }

  open(id: number, options: SequenceOptions): void {
    if (options.priority === 'interactive') this.#owners.heard(comingOwner);
    const { priority, isReproducible = false, shiftsContext = false, requestClass = 'chat' } = options;
    // An empty cache is filled from its first cell on, as in a fresh process.
    if (isReproducible && this.#sequences.size === 0) this.#dependencies.cache.forgetRetired();
    this.#sequences.set(id, this.#create(id, { priority, isReproducible, shiftsContext, requestClass }));
    this.#owners.answered(id, priority);
  }

  /** Starts an append; answered by `prefilled`, at once when everything is cached. Throws `context.exceeded`. */
  append(id: number, callId: number, added: readonly TokenId[]): void {
    const sequence = this.idle(id);
    const { cache, now } = this.#dependencies;
    const startedMs = now();
    const lengthBefore = sequence.tokens.length;
    const tokens = [...sequence.tokens, ...this.#withBeginToken(sequence, added)];
    // One position stays free, so that at least one token can be generated.
    if (tokens.length >= cache.capacity) throw contextTooShort(tokens.length, cache.capacity);
    const decodedBefore = sequence.decodedCount;
    sequence.hasPreemptedCells &&= decodedBefore < lengthBefore - 1;
    // Only a first prompt is looked up. A cue found in the cache would save a moment, and requests that run beside it would
    // share other decode calls than the first time: other last digits of logits, and now and then another text.
    const isLookedUp = lengthBefore === 0 || sequence.hasPreemptedCells;
    const held = isLookedUp ? this.preemptedCells.reuse(sequence, tokens) : decodedBefore;
    // Free cells that others' prompts are still going to take are not free for this one.
    const others = [...this.working()].filter((other) => this.#goesBeside(other, sequence));
    const shared = sharedAhead({ tokens, hasPreemptedCells: sequence.hasPreemptedCells }, others);
    const wanted = tokens.length - Math.max(held, shared) + waitingTokens(others);
    if (!this.kvPreemption.forPrompt(sequence.priority, wanted)) {
      cache.truncate(sequence.cellsId, decodedBefore);
      throw contextInUse(cache.capacity);
    }
    if (tokens.length > lengthBefore) sequence.ahead = null;
    sequence.tokens = tokens;
    sequence.decodedCount = held;
    sequence.text.reset();
    sequence.speculator?.prompted(sequence.tokens, lengthBefore);
    this.#begin(sequence, {
      type: 'prefill',
      callId,
      lengthBefore,
      tokenCount: tokens.length - lengthBefore,
      cachedTokenCount: Math.max(0, held - lengthBefore),
      startedMs,
    });
    this.answers.finishPrefillWhenDone(sequence);
  }

  /** Adds sequences that share all cells of one: all of them, or none when it throws. */
  fork(id: number, children: readonly number[]): void {
    const parent = this.idle(id);
    const { cache } = this.#dependencies;
    const forked: SequenceState[] = [];
    try {
      for (const childId of children) forked.push(this.#create(childId, parent));
    } catch (thrown) {
      for (const child of forked) {
        cache.retire(child.cellsId, []);
        child.speculator?.dispose();
      }
      throw thrown;
    }
    for (const child of forked) {
      cache.share(parent.cellsId, child.cellsId, parent.decodedCount);
      child.tokens = [...parent.tokens];
      child.decodedCount = parent.decodedCount;
      child.ahead = parent.ahead;
      child.hasPreemptedCells = parent.hasPreemptedCells;
      this.#sequences.set(child.id, child);
      this.#owners.answered(child.id, child.priority);
    }
    this.#owners.answered(id, parent.priority);
  }

  /**
   * Starts a generation; answered by `ended`, at once when there is nothing to generate. Throws `grammar.invalid` for a
   * grammar that cannot be used, and `parameter.invalid` for one beside a required start.
   */
  generate(id: number, callId: number, request: GenerateRequest): void {
    const sequence = this.idle(id);
    const { cache, events, vocabulary, openGrammar } = this.#dependencies;
    if (sequence.tokens.length === 0) {
      throw new CodedError(
        'parameter.invalid',
        'A sequence without tokens cannot be continued.',
        'Append a prompt first.',
      );
    }
    if (request.grammar !== undefined && (request.mustBeginWith ?? '') !== '') {
      throw new CodedError(
        'parameter.invalid',
        'A generation cannot keep to a grammar and begin with a given text.',
        'Put the text at the beginning of the grammar.',
      );
    }
    if (request.maxTokens <= 0)
      events.ended(callId, { end: { type: 'maxTokens' }, drafts: [], droppedTokenCount: 0 });
    else if (sequence.tokens.length >= cache.capacity && !sequence.shiftsContext) {
      events.ended(callId, { end: { type: 'contextFull' }, drafts: [], droppedTokenCount: 0 });
    } else {
      const grammar = request.grammar === undefined ? null : openGrammar(request.grammar);
      const generation = new Generation(request, vocabulary, { text: sequence.text, grammar });
      this.#begin(sequence, { type: 'generate', callId, generation });
    }
  }

  /** Forgets every token from `length` on. */
  truncate(id: number, length: number): void {
    const sequence = this.idle(id);
    sequence.tokens.length = Math.min(sequence.tokens.length, Math.max(0, length));
    this.cells.keepDecoded(sequence, sequence.tokens.length - 1);
    sequence.text.reset();
    this.#owners.answered(id, sequence.priority);
  }

  /** Ends the sequence; its decoded tokens stay as a reusable prefix. Running work is answered as cancelled. */
  close(id: number): void {
    const sequence = this.#sequences.get(id);
    if (sequence === undefined) return;
    this.answers.cancel(sequence);
    this.#sequences.delete(id);
    sequence.speculator?.dispose();
    this.#owners.heard(id);
    this.#dependencies.cache.retire(sequence.cellsId, sequence.tokens.slice(0, sequence.decodedCount));
  }

  #create(
    id: number,
    options: Pick<SequenceState, 'priority' | 'isReproducible' | 'shiftsContext' | 'requestClass'>,
  ): SequenceState {
    const cellsId = this.#dependencies.cache.take();
    if (cellsId === null) {
      throw new CodedError(
        'parameter.invalid',
        `More than ${sequenceLimit} sequences would be alive at once, which llama.cpp cannot tell apart.`,
        'Ask for fewer candidates.',
      );
    }
    const { priority, isReproducible, shiftsContext, requestClass } = options;
    const speculator = isReproducible ? null : (this.#dependencies.speculation?.open(requestClass) ?? null);
    return createSequenceState(id, cellsId, {
      priority,
      isReproducible,
      shiftsContext,
      requestClass,
      speculator,
    });
  }

  /** Whether what runs on a sequence goes on while another's work is done, and needs its cells then. */
  #goesBeside(other: SequenceState, sequence: SequenceState): boolean {
    return !isBehind(other, sequence) && !this.#dependencies.isCancelled(other.id);
  }

  #withBeginToken(sequence: SequenceState, added: readonly TokenId[]): readonly TokenId[] {
    const { beginToken } = this.#dependencies.vocabulary;
    const isMissing = beginToken !== null && sequence.tokens.length === 0 && added[0] !== beginToken;
    return isMissing ? [beginToken, ...added] : added;
  }

  #begin(sequence: SequenceState, work: SequenceWork): void {
    sequence.work = work;
    sequence.workSince = this.#round;
    sequence.servedRound = this.#round;
    this.#owners.heard(sequence.id);
  }
}

function hasWork(sequence: SequenceState): sequence is SequenceState & { readonly work: SequenceWork } {
  return sequence.work !== null;
}
