import { assertNever } from '../../protocol/assertNever.ts';
import type { CandidateEnd, CandidateId, SamplerSettings, SearchEvent } from '../../protocol/traceEvent.ts';
import type { DifficultyEvidence } from '../difficulty/difficultyEstimator.ts';
import type { GenerateEnd, Sequence } from '../engine/engine.ts';
import type { TraceStatistics } from '../numeric/traceStatistics.ts';
import { answerCue, answerMarkerSpellings, continueCue } from '../prompts/chatPrompt.ts';
import { extractAnswer, isWholeAnswer, parseAnswer } from '../selection/answerExtraction.ts';
import {
  CandidateDecoder,
  type DecoderOptions,
  type GeneratedPurpose,
  type GenerationRules,
} from './candidateDecoder.ts';
import { cueTokens, extensionOf, thoughtLimit, type CandidateLimits } from './candidateLimits.ts';
import type { Steering } from './steering.ts';

/**
 * How a candidate is written. `direct`: an answer and nothing else. `reasoned`: a thought, the answer marker, and
 * an answer that runs to the model's own end. `reasonedLine`: the same, but the answer ends with its line, which is
 * enough to vote on.
 */
export type CandidateForm = 'direct' | 'reasoned' | 'reasonedLine';

export interface CandidateOutcome {
  readonly id: CandidateId;
  readonly end: CandidateEnd;
  /** Canonical, or null when none could be parsed. */
  readonly answer: string | null;
  /** Everything behind the prompt, cues included. */
  readonly text: string;
  readonly thoughtTokens: number;
  readonly answerTokens: number;
  readonly statistics: TraceStatistics;
}

export interface CandidateOptions extends DecoderOptions {
  readonly form: CandidateForm;
  readonly sampler: SamplerSettings;
  readonly limits: CandidateLimits;
  readonly steering: Steering;
}

/** What difficulty is read from. */
export type Opening = Pick<DifficultyEvidence, 'openingEntropyNats' | 'hasEnded'>;

/** Why a generation was interrupted. */
type Halt = 'answerNow' | 'pruned' | 'stoppedByUser' | 'outOfTime';

/**
 * One candidate from its first token to its end: when its thought closes, when its answer is whole, what steering
 * and pruning do to it. Its events are its only output.
 */
export class CandidateRun {
  readonly #options: CandidateOptions;
  readonly #decoder: CandidateDecoder;
  #sampler: SamplerSettings;
  #limits: CandidateLimits;
  #form: CandidateForm;
  /** True until the thought is closed; a closed one can be neither cut short nor extended. */
  #isThinking: boolean;
  /** Where the answer begins in the text; null before. */
  #answerFrom: number | null = null;
  /** How the opening ended, when that was more than its own token count. */
  #openingEnd: GenerateEnd | null = null;
  #pendingExtensions = 0;
  #halt: Halt | null = null;
  #hasEnded = false;

  constructor(options: CandidateOptions) {
    this.#options = options;
    this.#decoder = new CandidateDecoder(options);
    this.#sampler = options.sampler;
    this.#limits = options.limits;
    this.#form = options.form;
    this.#isThinking = options.form !== 'direct';
  }

  get id(): CandidateId {
    return this.#options.id;
  }

  get sequence(): Sequence {
    return this.#decoder.sequence;
  }

  /** Whether its context dropped tokens to make room, so that its sequence does not begin with the prompt any more. */
  get hasShifted(): boolean {
    return this.#decoder.droppedTokens > 0;
  }

  /** Whether what was read for difficulty was the whole candidate, so that there is nothing to go on with. */
  get hasEndedOpening(): boolean {
    return this.#openingEnd !== null;
  }

  /** Goes on with another model of the same tokens, between opening and end: see `CandidateDecoder.moveTo`. */
  moveTo(...args: Parameters<CandidateDecoder['moveTo']>): Promise<void> {
    return this.#decoder.moveTo(...args);
  }

  /** Ends it soon as `pruned`: it can no longer win. Returns false when it has ended already. */
  prune(): boolean {
    if (this.#hasEnded) return false;
    this.#interrupt('pruned');
    return true;
  }

  /**
   * Greedily generates at most `tokenCount` tokens, from which difficulty is read; `finish` goes on behind them.
   * Greedy, so that the seed does not decide how hard a question looks.
   */
  async *open(tokenCount: number, signal: AbortSignal): AsyncGenerator<SearchEvent, Opening, void> {
    yield this.#opened({ ...this.#sampler, temperature: 0 });
    const isDirect = this.#form === 'direct';
    const cap = isDirect ? this.#limits.answerTokens : this.#limits.thoughtTokens;
    const rules = {
      maxTokens: Math.min(tokenCount, cap),
      softLimit: null,
      stopTexts: isDirect ? [] : answerMarkerSpellings,
      sampler: { ...this.#sampler, temperature: 0 },
    };
    const purpose = isDirect ? 'answer' : 'thought';
    const stream = this.#listening(this.#decoder.generate(purpose, rules, signal));
    const openingEntropyNats: number[] = [];
    for (;;) {
      const step = await stream.next();
      if (step.done === true) {
        const end = step.value;
        this.#openingEnd = end.type === 'maxTokens' ? null : end;
        return { openingEntropyNats, hasEnded: end.type === 'endToken' || end.type === 'stopText' };
      }
      if (step.value.type === 'tokens/appended') openingEntropyNats.push(...step.value.tokens.entropyNats);
      yield step.value;
    }
  }

  /** Takes over what difficulty decided after the opening. */
  adopt(decided: Pick<CandidateOptions, 'form' | 'sampler' | 'limits'>): void {
    this.#form = decided.form;
    this.#isThinking = decided.form !== 'direct';
    this.#sampler = decided.sampler;
    this.#limits = decided.limits;
  }

  /** Everything up to the candidate's end, which is the last event. Frees the sequence's cells for others. */
  async *finish(signal: AbortSignal): AsyncGenerator<SearchEvent, CandidateOutcome, void> {
    try {
      if (!this.#decoder.hasBegun) yield this.#opened(this.#sampler);
      const written = yield* this.#listening(this.#write(signal));
      // Pruned in the moment of its end: the decision is in the log already, so it stands.
      const end = this.#halt === 'pruned' ? 'pruned' : written;
      this.#hasEnded = true;
      const answer = this.#parse(end);
      yield { type: 'candidate/closed', candidateId: this.id, end, answer };
      const { tokens, text, statistics } = this.#decoder;
      const spent = { thoughtTokens: tokens.thought, answerTokens: tokens.answer };
      return { id: this.id, end, answer, text, ...spent, statistics };
    } finally {
      await this.dispose();
    }
  }

  /** Idempotent. */
  dispose(): Promise<void> {
    return this.#decoder.dispose();
  }

  #opened(sampler: SamplerSettings): SearchEvent {
    return { type: 'candidate/opened', candidateId: this.id, parent: null, sampler };
  }

  /** Hears steering and keeps an eye on the time for as long as the wrapped work lasts. */
  async *#listening<R>(work: AsyncGenerator<SearchEvent, R, void>): AsyncGenerator<SearchEvent, R, void> {
    const { steering, meter } = this.#options;
    const unlisten = steering.listen((action) => {
      switch (action) {
        case 'stop':
          this.#interrupt('stoppedByUser');
          return true;
        case 'answerNow':
          if (!this.#isThinking) return false;
          this.#interrupt('answerNow');
          return true;
        case 'thinkMore':
          if (!this.#isThinking) return false;
          this.#pendingExtensions++;
          return true;
        default:
          return assertNever(action);
      }
    });
    try {
      if (steering.stopSignal.aborted) this.#interrupt('stoppedByUser');
      for (;;) {
        const step = await work.next();
        if (step.done === true) return step.value;
        yield step.value;
        if (meter.exhausted() === 'durationMs') this.#interrupt('outOfTime');
      }
    } finally {
      unlisten();
    }
  }

  async *#write(signal: AbortSignal): AsyncGenerator<SearchEvent, CandidateEnd, void> {
    if (this.#form === 'direct') {
      this.#answerFrom = 0;
    } else {
      const closed = yield* this.#think(signal);
      if (closed !== 'answer') return closed;
    }
    return yield* this.#answer(signal);
  }

  /** The thought, up to where an answer can be generated. Returns an end instead when it comes to that. */
  async *#think(signal: AbortSignal): AsyncGenerator<SearchEvent, 'answer' | CandidateEnd, void> {
    let capTokens = this.#limits.thoughtTokens;
    let spareTokens = this.#limits.spareTokens;
    for (;;) {
      const end = this.#takeOpeningEnd() ?? (yield* this.#generateThought(capTokens, signal));
      const halted = yield* this.#haltedEnd(end, signal);
      if (halted !== null) return halted;
      if (end.type === 'contextFull') return 'truncated';
      if (this.#halt === null && this.#pendingExtensions > 0) {
        this.#pendingExtensions--;
        const extension = Math.min(extensionOf(this.#limits.thoughtTokens), spareTokens - cueTokens);
        if (extension > 0) {
          spareTokens -= extension + cueTokens;
          capTokens = Math.max(capTokens, this.#decoder.tokens.thought) + extension;
          yield this.#decision('thinkMore', `You asked for more thought: up to ${extension} more tokens.`);
          if (!(yield* this.#decoder.appendCue(continueCue, end, signal))) return 'truncated';
          continue;
        }
        yield this.#decision(
          'thinkMore',
          'You asked for more thought, but its budget or context is used up.',
        );
      }
      this.#isThinking = false;
      const isAskedFor = this.#halt === 'answerNow';
      if (isAskedFor) this.#halt = null;
      if (end.type === 'stopText') {
        // The token that completed the marker may hold the beginning of the answer too.
        this.#answerFrom = this.#decoder.text.lastIndexOf(end.text) + end.text.length;
        return 'answer';
      }
      if (isAskedFor) {
        yield this.#decision('answerNow', 'You asked for the answer.');
      } else if (end.type !== 'endToken') {
        const thought = this.#decoder.tokens.thought;
        yield this.#decision(
          'thoughtClosedAtCap',
          `The thought was closed at its cap, after ${thought} tokens.`,
        );
      }
      if (!(yield* this.#decoder.appendCue(answerCue, end, signal))) return 'truncated';
      this.#answerFrom = this.#decoder.text.length;
      return 'answer';
    }
  }

  #generateThought(capTokens: number, signal: AbortSignal): AsyncGenerator<SearchEvent, GenerateEnd, void> {
    const { maxTokens, softLimit } = thoughtLimit(capTokens - this.#decoder.tokens.thought);
    const rules = { maxTokens, softLimit, stopTexts: answerMarkerSpellings, sampler: this.#sampler };
    return this.#generate('thought', rules, signal);
  }

  async *#answer(signal: AbortSignal): AsyncGenerator<SearchEvent, CandidateEnd, void> {
    for (;;) {
      const end =
        this.#takeOpeningEnd() ??
        (yield* this.#generate(
          'answer',
          {
            maxTokens: this.#limits.answerTokens - this.#decoder.tokens.answer,
            softLimit: null,
            stopTexts: this.#form === 'reasonedLine' ? ['\n'] : [],
            sampler: this.#sampler,
          },
          signal,
        ));
      const halted = yield* this.#haltedEnd(end, signal);
      if (halted !== null) return halted;
      switch (end.type) {
        case 'endToken':
          return 'finished';
        case 'stopText':
          if (isWholeAnswer(this.#answerText())) return 'finished';
          break;
        case 'softLimit':
        case 'maxTokens':
        case 'contextFull':
          return 'truncated';
        case 'cancelled':
          return 'stopped';
        default:
          return assertNever(end);
      }
    }
  }

  /** The candidate's end when a halt or a cancellation decides it, with the decision that says so. */
  *#haltedEnd(end: GenerateEnd, signal: AbortSignal): Generator<SearchEvent, CandidateEnd | null, void> {
    if (signal.aborted) return 'stopped';
    switch (this.#halt) {
      case 'pruned':
        return 'pruned';
      case 'stoppedByUser':
        yield this.#decision('stoppedByUser', 'You stopped the request.');
        return 'stopped';
      case 'outOfTime':
        return 'truncated';
      case 'answerNow':
        return null;
      case null:
        return end.type === 'cancelled' ? 'stopped' : null;
      default:
        return assertNever(this.#halt);
    }
  }

  /** A generation, unless the candidate was halted before it could begin. */
  async *#generate(
    purpose: GeneratedPurpose,
    rules: GenerationRules,
    signal: AbortSignal,
  ): AsyncGenerator<SearchEvent, GenerateEnd, void> {
    if (this.#halt !== null) return { type: 'cancelled' };
    return yield* this.#decoder.generate(purpose, rules, signal);
  }

  /** The first reason stands, except that a wish for the answer gives way to any end. */
  #interrupt(halt: Halt): void {
    if (this.#halt === null || this.#halt === 'answerNow') this.#halt = halt;
    this.#decoder.interrupt();
  }

  #takeOpeningEnd(): GenerateEnd | null {
    const end = this.#openingEnd;
    this.#openingEnd = null;
    return end;
  }

  #answerText(): string {
    return this.#answerFrom === null ? '' : this.#decoder.text.slice(this.#answerFrom);
  }

  #parse(end: CandidateEnd): string | null {
    if (this.#answerFrom === null || end === 'pruned' || end === 'stopped') return null;
    if (this.#form === 'direct') return extractAnswer(this.#decoder.text)?.canonical ?? null;
    return (parseAnswer(this.#answerText()) ?? extractAnswer(this.#decoder.text))?.canonical ?? null;
  }

  #decision(
    kind: 'answerNow' | 'thinkMore' | 'stoppedByUser' | 'thoughtClosedAtCap',
    why: string,
  ): SearchEvent {
    return { type: 'decision/made', kind, candidateId: this.id, why };
  }
}
