import { assertNever } from '../../protocol/assertNever.ts';
import type { EarlyStopping } from '../../protocol/messages.ts';
import type { CandidateEnd, CandidateId, SamplerSettings, SearchEvent } from '../../protocol/traceEvent.ts';
import type { GenerateEnd, Sequence } from '../engine/engine.ts';
import { endsSentence } from '../engine/stopRules.ts';
import { answerCue, answerMarkerSpellings, continueCue } from '../prompts/chatPrompt.ts';
import { announces } from '../selection/answerExtraction.ts';
import type { AnswerReader } from '../selection/answerReader.ts';
import { closesThought, endByHalt, haltDecision, thoughtClosing, type Halt } from './candidateDecision.ts';
import {
  CandidateDecoder,
  type DecoderOptions,
  type GeneratedPurpose,
  type GenerationRules,
  type WrittenThought,
} from './candidateDecoder.ts';
import type { CandidateLimits } from './candidateLimits.ts';
import type { Beginning, CandidateForm, CandidateOutcome, Opening } from './candidateStages.ts';
import type { Steering } from './steering.ts';
import { SteadyAnswer } from './steadyAnswer.ts';
import { ThoughtAllowance } from './thoughtAllowance.ts';
import { isTrusted, type TrialAnswer } from './trialAnswer.ts';
import { whileListening } from './whileListening.ts';

export interface CandidateOptions extends DecoderOptions {
  readonly form: CandidateForm;
  readonly sampler: SamplerSettings;
  readonly limits: CandidateLimits;
  /** Tells its answer from its text. */
  readonly reader: AnswerReader;
  readonly steering: Steering;
  readonly earlyStopping: Pick<EarlyStopping, 'trialConfidence' | 'steadyAnswers'>;
  /** A thought that was written before, and how it ended: the candidate is open already, and only its answer is left. */
  readonly thought?: WrittenThought;
}

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
  #earlyStopping: CandidateOptions['earlyStopping'];
  /** True until the thought is closed; a closed one can be neither cut short nor extended. */
  #isThinking: boolean;
  /** Where the answer begins in the text; null before. */
  #answerFrom: number | null = null;
  /** How the opening ended, when that was more than its own token count. */
  #openingEnd: GenerateEnd | null;
  #pendingExtensions = 0;
  /** The latest that could be read. */
  #trialAnswer: string | null = null;
  #halt: Halt | null;
  #hasEnded = false;

  constructor(options: CandidateOptions) {
    this.#options = options;
    this.#decoder = options.thought?.decoder ?? new CandidateDecoder(options);
    this.#openingEnd = options.thought?.end ?? null;
    this.#halt = options.thought?.isAskedFor === true ? 'answerNow' : null;
    this.#sampler = options.sampler;
    this.#limits = options.limits;
    this.#form = options.form;
    this.#earlyStopping = options.earlyStopping;
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

  /** Of its generated tokens so far, also when it has ended. */
  get confidences(): readonly number[] {
    return this.#decoder.confidences;
  }

  /** Whether what was read for difficulty was the whole candidate, so that there is nothing to go on with. */
  get hasEndedOpening(): boolean {
    return this.#openingEnd !== null;
  }

  /** What is there of it before its end is asked for. */
  get beginning(): Beginning {
    const { hasBegun, tokens } = this.#decoder;
    const isAsked = this.#halt !== null || this.#pendingExtensions > 0;
    return { hasBegun, isAsked, thoughtTokens: tokens.thought, answerTokens: tokens.answer };
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
  adopt(decided: Pick<CandidateOptions, 'form' | 'sampler' | 'limits' | 'earlyStopping'>): void {
    this.#earlyStopping = decided.earlyStopping;
    this.#form = decided.form;
    this.#isThinking = decided.form !== 'direct';
    this.#sampler = decided.sampler;
    this.#limits = decided.limits;
  }

  /** Everything up to the candidate's end, which is the last event. Frees the sequence's cells for others. */
  async *finish(signal: AbortSignal): AsyncGenerator<SearchEvent, CandidateOutcome, void> {
    try {
      if (!this.#decoder.hasBegun && this.#options.thought === undefined) yield this.#opened(this.#sampler);
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

  #listening<R>(work: AsyncGenerator<SearchEvent, R, void>): AsyncGenerator<SearchEvent, R, void> {
    return whileListening(work, this.#options, {
      stop: () => this.#interrupt('stoppedByUser'),
      answerNow: () => this.#isThinking && this.#interrupt('answerNow'),
      thinkMore: () => this.#isThinking && ++this.#pendingExtensions > 0,
      timeIsShort: () => this.#isThinking && this.#interrupt('timeIsShort'),
      outOfTime: () => this.#interrupt('outOfTime'),
    });
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
    const { trialConfidence, steadyAnswers } = this.#earlyStopping;
    const pauses = this.#options.reader.fitsLine && (trialConfidence > 0 || steadyAnswers);
    const allowance = new ThoughtAllowance(this.#limits, { pauses });
    const steadiness = new SteadyAnswer();
    for (;;) {
      const stretch = allowance.stretch(this.#decoder.tokens.thought);
      const { maxTokens, softLimit } = stretch;
      const rules = { maxTokens, softLimit, stopTexts: answerMarkerSpellings, sampler: this.#sampler };
      const end = this.#takeOpeningEnd() ?? (yield* this.#generate('thought', rules, signal));
      let halted = yield* this.#haltedEnd(end, signal);
      if (halted !== null) return halted;
      if (end.type === 'contextFull') return 'truncated';
      const isMarked = end.type === 'stopText' && this.#isAnnouncedBy(end.text);
      if (end.type === 'stopText' && !isMarked && this.#halt === null && this.#pendingExtensions === 0)
        continue;
      let trial: TrialAnswer | null = null;
      let steadyAnswer: string | null = null;
      if (end.type === 'softLimit' && stretch.endsInPause) {
        const isSentence = this.#pendingExtensions === 0 && endsSentence(this.#decoder.text);
        if (isSentence && steadyAnswers) steadyAnswer = steadiness.see(this.#decoder);
        if (isSentence && steadyAnswer === null && trialConfidence > 0)
          trial = yield* this.#tryAnswer(allowance, signal);
        halted = yield* this.#haltedEnd(end, signal);
        if (halted !== null) return halted;
        if (this.#halt === null && steadyAnswer === null && !isTrusted(trial, trialConfidence)) continue;
      } else if (this.#halt === null && this.#pendingExtensions > 0) {
        this.#pendingExtensions--;
        const extension = allowance.extend(this.#decoder.tokens.thought);
        if (extension > 0) {
          yield this.#thinkMore(`You asked for more thought: up to ${extension} more tokens.`);
          if (!(yield* this.#decoder.appendCue(continueCue, end, signal))) return 'truncated';
          continue;
        }
        yield this.#thinkMore('You asked for more thought, but its budget or context is used up.');
      }
      this.#isThinking = false;
      if (isMarked) {
        this.#halt = null;
        // The token that completed the marker may hold the beginning of the answer too.
        this.#answerFrom = this.#decoder.text.lastIndexOf(end.text) + end.text.length;
        return 'answer';
      }
      const reason = { halt: this.#halt, trial, steadyAnswer, end };
      const closing = thoughtClosing(this.id, this.#decoder.tokens.thought, reason);
      this.#halt = null;
      if (closing !== null) yield closing;
      // A cue that nothing follows would be all there is to read of it.
      if (!this.#hasRoomForAnswer()) return 'truncated';
      if (!(yield* this.#decoder.appendCue(answerCue, end, signal))) return 'truncated';
      this.#answerFrom = this.#decoder.text.length;
      return 'answer';
    }
  }

  async *#tryAnswer(
    allowance: ThoughtAllowance,
    signal: AbortSignal,
  ): AsyncGenerator<SearchEvent, TrialAnswer | null, void> {
    const trial = yield* this.#decoder.tryAnswer(this.#limits.answerTokens, signal);
    if (trial !== null) allowance.chargeTrial(trial.tokenCount);
    this.#trialAnswer = trial?.answer ?? this.#trialAnswer;
    return trial;
  }

  async *#answer(signal: AbortSignal): AsyncGenerator<SearchEvent, CandidateEnd, void> {
    for (;;) {
      const rules = {
        maxTokens: this.#limits.answerTokens - this.#decoder.tokens.answer,
        softLimit: null,
        stopTexts: this.#form === 'reasonedLine' ? ['\n'] : [],
        sampler: this.#sampler,
      };
      const end = this.#takeOpeningEnd() ?? (yield* this.#generate('answer', rules, signal));
      const halted = yield* this.#haltedEnd(end, signal);
      if (halted !== null) return halted;
      switch (end.type) {
        case 'endToken':
          return 'finished';
        case 'stopText':
          if (this.#options.reader.isWhole(this.#decoder.text, this.#answerFrom ?? 0)) return 'finished';
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
    const ended = endByHalt(this.#halt, end, this.#isThinking);
    const decision = ended === null ? null : haltDecision(this.id, this.#halt);
    if (decision !== null) yield decision;
    return ended;
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
  #interrupt(halt: Halt): true {
    if (this.#halt === null || (closesThought(this.#halt) && !closesThought(halt))) this.#halt = halt;
    this.#decoder.interrupt();
    return true;
  }

  /** Whether the marker that was written last announces an answer, and is not part of code. */
  #isAnnouncedBy(marker: string): boolean {
    const { text } = this.#decoder;
    return announces(text, text.lastIndexOf(marker));
  }

  #hasRoomForAnswer(): boolean {
    const { meter } = this.#options;
    return this.#limits.answerTokens > 0 && meter.unreservedTokens > 0;
  }

  #takeOpeningEnd(): GenerateEnd | null {
    const end = this.#openingEnd;
    this.#openingEnd = null;
    return end;
  }

  #parse(end: CandidateEnd): string | null {
    if (end === 'pruned' || end === 'stopped') return null;
    // A thought that was cut off may have come to an answer on the way.
    if (this.#answerFrom === null && this.#trialAnswer !== null) return this.#trialAnswer;
    return this.#options.reader.read(this.#decoder.text, this.#answerFrom ?? 0);
  }

  #thinkMore(why: string): SearchEvent {
    return { type: 'decision/made', kind: 'thinkMore', candidateId: this.id, why };
  }
}
