import { assertNever } from '../../protocol/assertNever.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { CandidateEnd, CandidateId, SamplerSettings, SearchEvent } from '../../protocol/traceEvent.ts';
import type { GenerateEnd, GenerateRequest, Model, Sequence } from '../engine/engine.ts';
import { philox } from '../numeric/random.ts';
import { answerCue, answerMarkerSpellings, continueCue } from '../prompts/chatPrompt.ts';
import { extractAnswer, isWholeAnswer, parseAnswer } from '../selection/answerExtraction.ts';
import type { BudgetMeter } from './budgetMeter.ts';
import { cueTokens, extensionOf, thoughtLimit, type CandidateLimits } from './candidateLimits.ts';
import type { Steering } from './steering.ts';
import { toTokenColumns } from './stepColumns.ts';

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
}

export interface CandidateOptions {
  readonly id: CandidateId;
  readonly model: Model;
  readonly sequence: Sequence;
  readonly form: CandidateForm;
  readonly sampler: SamplerSettings;
  readonly seed: number;
  readonly limits: CandidateLimits;
  readonly meter: BudgetMeter;
  readonly steering: Steering;
}

type Halt = 'answerNow' | 'pruned' | 'stoppedByUser' | 'outOfTime';
type Purpose = 'thought' | 'answer';

/** Most likely tokens kept with each token of the log. */
const alternativesPerToken = 5;

/**
 * One candidate from its first token to its end. Owns its sequence. Yields what it does as events, spends through
 * the meter, and reacts to steering: an interruption ends the generation in progress within one decode step.
 */
export class CandidateRun {
  readonly #options: CandidateOptions;
  #sampler: SamplerSettings;
  #limits: CandidateLimits;
  #form: CandidateForm;
  #text = '';
  /** True until the thought is closed; a closed one can be neither cut short nor extended. */
  #isThinking: boolean;
  /** Where the answer begins in `#text`; null before. */
  #answerFrom: number | null = null;
  readonly #tokens: Record<Purpose, number> = { thought: 0, answer: 0 };
  #generateCalls = 0;
  /** How the opening ended, when that was more than its own token count. */
  #openingEnd: GenerateEnd | null = null;
  #pendingExtensions = 0;
  #halt: Halt | null = null;
  #interruption: AbortController | null = null;
  #hasEnded = false;
  #isDisposed = false;

  constructor(options: CandidateOptions) {
    this.#options = options;
    this.#sampler = options.sampler;
    this.#limits = options.limits;
    this.#form = options.form;
    this.#isThinking = options.form !== 'direct';
  }

  get id(): CandidateId {
    return this.#options.id;
  }

  get sequence(): Sequence {
    return this.#options.sequence;
  }

  /** Generated tokens by purpose so far. */
  get tokens(): Readonly<Record<Purpose, number>> {
    return this.#tokens;
  }

  /** Ends it soon as `pruned`: it can no longer win. Returns false when it has ended already. */
  prune(): boolean {
    if (this.#hasEnded) return false;
    this.#interrupt('pruned');
    return true;
  }

  /**
   * Greedily generates at most `tokenCount` tokens, from which difficulty is read; `finish` goes on behind them.
   * Greedy, so that the seed does not decide how hard a question looks. Returns their entropies in nats.
   */
  async *open(tokenCount: number, signal: AbortSignal): AsyncGenerator<SearchEvent, readonly number[], void> {
    yield this.#opened({ ...this.#sampler, temperature: 0 });
    const purpose = this.#form === 'direct' ? 'answer' : 'thought';
    const cap = purpose === 'answer' ? this.#limits.answerTokens : this.#limits.thoughtTokens;
    const entropies: number[] = [];
    const stream = this.#listening(
      this.#generate(purpose, {
        maxTokens: Math.min(tokenCount, cap),
        softLimit: null,
        stopTexts: purpose === 'thought' ? answerMarkerSpellings : [],
        sampler: { ...this.#sampler, temperature: 0 },
        signal,
      }),
    );
    for (;;) {
      const step = await stream.next();
      if (step.done === true) {
        this.#openingEnd = step.value.type === 'maxTokens' ? null : step.value;
        return entropies;
      }
      if (step.value.type === 'tokens/appended') entropies.push(...step.value.tokens.entropyNats);
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
      if (this.#generateCalls === 0) yield this.#opened(this.#sampler);
      const written = yield* this.#listening(this.#write(signal));
      // Pruned in the moment of its end: the decision is in the log already, so it stands.
      const end = this.#halt === 'pruned' ? 'pruned' : written;
      this.#hasEnded = true;
      const answer = this.#parse(end);
      yield { type: 'candidate/closed', candidateId: this.id, end, answer };
      const { thought, answer: answerTokens } = this.#tokens;
      return { id: this.id, end, answer, text: this.#text, thoughtTokens: thought, answerTokens };
    } finally {
      await this.dispose();
    }
  }

  /** Idempotent. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#options.sequence.dispose();
  }

  #opened(sampler: SamplerSettings): SearchEvent {
    return { type: 'candidate/opened', candidateId: this.id, parent: null, sampler };
  }

  /** Hears steering for as long as the wrapped work lasts. */
  async *#listening<R>(work: AsyncGenerator<SearchEvent, R, void>): AsyncGenerator<SearchEvent, R, void> {
    const unlisten = this.#options.steering.listen((action) => {
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
      if (this.#options.steering.stopSignal.aborted) this.#interrupt('stoppedByUser');
      return yield* work;
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
      this.#answerFrom = this.#text.length;
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
          capTokens = Math.max(capTokens, this.#tokens.thought) + extension;
          yield this.#decision('thinkMore', `You asked for more thought: up to ${extension} more tokens.`);
          if (!(yield* this.#appendCue(continueCue, end, signal))) return 'truncated';
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
      if (end.type === 'stopText') return 'answer';
      if (isAskedFor) {
        yield this.#decision('answerNow', 'You asked for the answer.');
      } else if (end.type !== 'endToken') {
        const thought = this.#tokens.thought;
        yield this.#decision(
          'thoughtClosedAtCap',
          `The thought was closed at its cap, after ${thought} tokens.`,
        );
      }
      return (yield* this.#appendCue(answerCue, end, signal)) ? 'answer' : 'truncated';
    }
  }

  #generateThought(capTokens: number, signal: AbortSignal): AsyncGenerator<SearchEvent, GenerateEnd, void> {
    const { maxTokens, softLimit } = thoughtLimit(capTokens - this.#tokens.thought);
    return this.#generate('thought', {
      maxTokens,
      softLimit,
      stopTexts: answerMarkerSpellings,
      sampler: this.#sampler,
      signal,
    });
  }

  async *#answer(signal: AbortSignal): AsyncGenerator<SearchEvent, CandidateEnd, void> {
    for (;;) {
      const end =
        this.#takeOpeningEnd() ??
        (yield* this.#generate('answer', {
          maxTokens: this.#limits.answerTokens - this.#tokens.answer,
          softLimit: null,
          stopTexts: this.#form === 'reasonedLine' ? ['\n'] : [],
          sampler: this.#sampler,
          signal,
        }));
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

  /** Puts a cue behind the text, in place of an end token. Returns false when the context has no room for it. */
  async *#appendCue(
    cue: string,
    end: GenerateEnd,
    signal: AbortSignal,
  ): AsyncGenerator<SearchEvent, boolean, void> {
    const { model, sequence, meter } = this.#options;
    if (end.type === 'endToken') await sequence.truncate(sequence.length - 1);
    const tokens = await model.tokenize(cue, { special: false });
    try {
      await sequence.append(tokens, signal);
    } catch (error) {
      if (error instanceof CodedError && error.code === 'context.exceeded') return false;
      throw error;
    }
    meter.spendPrompt(tokens.length);
    this.#text += cue;
    yield { type: 'cue/appended', candidateId: this.id, text: cue, tokenCount: tokens.length };
    return true;
  }

  /** One generation: reserves its tokens, books what comes, and can be interrupted. */
  async *#generate(
    purpose: Purpose,
    request: Pick<GenerateRequest, 'maxTokens' | 'softLimit' | 'stopTexts' | 'sampler'> & {
      readonly signal: AbortSignal;
    },
  ): AsyncGenerator<SearchEvent, GenerateEnd, void> {
    const { meter, sequence } = this.#options;
    const grant = meter.reserve(Math.max(0, request.maxTokens));
    const call = this.#generateCalls++;
    const interruption = new AbortController();
    this.#interruption = interruption;
    try {
      if (grant.remaining === 0) return { type: 'maxTokens' };
      if (this.#halt !== null) interruption.abort();
      const stream = sequence.generate(
        {
          sampler: request.sampler,
          softLimit: request.softLimit,
          stopTexts: request.stopTexts,
          maxTokens: grant.remaining,
          seed: generationSeed(this.#options.seed, this.id, call),
          alternatives: alternativesPerToken,
        },
        AbortSignal.any([request.signal, interruption.signal]),
      );
      for (;;) {
        const step = await stream.next();
        if (step.done === true) return step.value;
        if (step.value.length === 0) continue;
        grant.spend(purpose, step.value.length);
        this.#tokens[purpose] += step.value.length;
        const tokens = toTokenColumns(step.value);
        this.#text += tokens.texts.join('');
        yield { type: 'tokens/appended', candidateId: this.id, purpose, tokens };
        if (meter.exhausted() === 'durationMs') this.#interrupt('outOfTime');
      }
    } finally {
      this.#interruption = null;
      grant.release();
    }
  }

  /** The first reason stands, except that a wish for the answer gives way to any end. */
  #interrupt(halt: Halt): void {
    if (this.#halt === null || this.#halt === 'answerNow') this.#halt = halt;
    this.#interruption?.abort();
  }

  #takeOpeningEnd(): GenerateEnd | null {
    const end = this.#openingEnd;
    this.#openingEnd = null;
    return end;
  }

  #answerText(): string {
    return this.#answerFrom === null ? '' : this.#text.slice(this.#answerFrom);
  }

  #parse(end: CandidateEnd): string | null {
    if (this.#answerFrom === null || end === 'pruned' || end === 'stopped') return null;
    if (this.#form === 'direct') return extractAnswer(this.#text)?.canonical ?? null;
    return (parseAnswer(this.#answerText()) ?? extractAnswer(this.#text))?.canonical ?? null;
  }

  #decision(
    kind: 'answerNow' | 'thinkMore' | 'stoppedByUser' | 'thoughtClosedAtCap',
    why: string,
  ): SearchEvent {
    return { type: 'decision/made', kind, candidateId: this.id, why };
  }
}

/** Every generation draws from a stream of its own; 32-bit. The second key word keeps it apart from token draws. */
function generationSeed(seed: number, candidateId: CandidateId, call: number): number {
  return philox([candidateId, call, 0, 0], [seed >>> 0, 1])[0];
}
