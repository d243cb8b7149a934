import { assertNever } from '../../../protocol/assertNever.ts';
import type { ReasoningOptions } from '../../../protocol/reasoningOptions.ts';
import type { ThinkingMarkers } from '../../../protocol/thinking.ts';
import type { CandidateEnd, SamplerSettings, SearchEvent } from '../../../protocol/traceEvent.ts';
import type { GenerateEnd } from '../../engine/engine.ts';
import { endsSentence } from '../../engine/stopRules.ts';
import { firstStepCue } from '../../prompts/chatPrompt.ts';
import type { BudgetMeter } from '../../request/budgetMeter.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import type { AnswerReader } from '../answers/answerReader.ts';
import { closesThought, endByHalt, type Halt, haltDecision, thoughtClosing } from './candidateDecision.ts';
import type {
  CandidateDecoder,
  GeneratedPurpose,
  GenerationRules,
  WrittenThought,
} from './candidateDecoder.ts';
import type { CandidateLimits } from './candidateLimits.ts';
import type { CandidateForm } from './candidateStages.ts';
import { SteadyAnswer } from './steadyAnswer.ts';
import { ThoughtAllowance, type ThoughtStretch } from './thoughtAllowance.ts';
import { type Cue, type ThoughtForm, thoughtFormOf } from './thoughtForm.ts';
import { isTrusted, type TrialAnswer } from './trialAnswer.ts';

/** How a candidate is written. */
export interface WritingRules {
  readonly form: CandidateForm;
  /** Markers of the model's own thought, which its prompt has opened; null where a thought is in words, or there is none. */
  readonly markers: ThinkingMarkers | null;
  readonly sampler: SamplerSettings;
  readonly limits: CandidateLimits;
  readonly options: Omit<ReasoningOptions, 'stepSearch'>;
  /** Whether the answer, which ends with a line, has all that is wanted of it; it goes on to its own end when absent. */
  readonly isEnough?: (answer: string) => boolean;
}

/** What does not change while a candidate is written. */
interface WriterDependencies {
  /** Owned by the caller. */
  readonly decoder: CandidateDecoder;
  /** Tells the answer from the text. */
  readonly reader: AnswerReader;
  readonly meter: BudgetMeter;
  /** A thought that was written before. */
  readonly thought?: WrittenThought;
}

/** What a thought keeps between its stretches. */
interface ThoughtInProgress {
  readonly allowance: ThoughtAllowance;
  readonly steadiness: SteadyAnswer;
}

interface WrittenStretch {
  readonly stretch: ThoughtStretch;
  readonly end: GenerateEnd;
}

/** A thought that is over, and why. */
interface ClosedThought {
  readonly type: 'close';
  /** The answer marker that the model wrote; null where a cue has to ask for the answer. */
  readonly marker: string | null;
  readonly trial: TrialAnswer | null;
  readonly steadyAnswer: string | null;
}

/** What follows a stretch of a thought: another one, the answer, or the candidate's end without one. */
type ThoughtStep =
  { readonly type: 'goOn' } | ClosedThought | { readonly type: 'end'; readonly end: CandidateEnd };

/**
 * Writes one candidate, a thought and its answer or the answer alone: when the thought closes, when the answer is whole,
 * and what it does about what is asked of it meanwhile.
 */
export class CandidateWriter {
  readonly #decoder: CandidateDecoder;
  readonly #reader: AnswerReader;
  readonly #meter: BudgetMeter;
  #rules: WritingRules;
  #form: ThoughtForm;
  /** True until the thought is closed; a closed one can be neither cut short nor extended. */
  #isThinking: boolean;
  /** Where the answer begins in the text; null before. */
  #answerFrom: number | null = null;
  /** How the probe prefix, or a thought that was written before, ended, when that was more than its own token count. */
  #probePrefixEnd: GenerateEnd | null;
  #pendingExtensions = 0;
  /** False once the thought was closed from outside: the answer is wanted then. */
  #mayReopen = true;
  /** The latest that could be read. */
  #trialAnswer: string | null = null;
  #halt: Halt | null;

  constructor({ decoder, reader, meter, thought }: WriterDependencies, rules: WritingRules) {
    this.#decoder = decoder;
    this.#reader = reader;
    this.#meter = meter;
    this.#rules = rules;
    this.#form = thoughtFormOf(rules.markers);
    this.#isThinking = this.#thinksFirst;
    this.#probePrefixEnd = thought?.end ?? null;
    this.#halt = thought?.closedBy ?? null;
  }

  /** Whether something was asked of it that it has not done yet. */
  get isAsked(): boolean {
    return this.#halt !== null || this.#pendingExtensions > 0;
  }

  get isPruned(): boolean {
    return this.#halt === 'pruned';
  }

  /** Whether the probe prefix was all that the model had to write, so that there is nothing to go on with. */
  get hasEndedInProbePrefix(): boolean {
    return this.#probePrefixEnd !== null;
  }

  /** Takes other rules, between the probe prefix and the rest. */
  adopt(rules: WritingRules): void {
    this.#rules = rules;
    this.#form = thoughtFormOf(rules.markers);
    this.#isThinking = this.#thinksFirst;
  }

  /** Ends what is being written. The first reason stands, except that a request for the answer gives way to any end. */
  interrupt(halt: Halt): true {
    if (this.#halt === null || (closesThought(this.#halt) && !closesThought(halt))) this.#halt = halt;
    this.#decoder.interrupt();
    return true;
  }

  /** Has the thought closed soon. Returns false where it is closed already. */
  requestClose(halt: 'answerNow' | 'timeIsShort'): boolean {
    return this.#isThinking && this.interrupt(halt);
  }

  /** Lets the thought go on after its next end. Returns false where it is closed already. */
  extendThought(): boolean {
    return this.#isThinking && ++this.#pendingExtensions > 0;
  }

  /** Greedily writes at most `tokenCount` tokens of what comes first; `write` goes on after them. */
  async open(tokenCount: number, scope: RunScope): Promise<GenerateEnd> {
    const { limits, sampler } = this.#rules;
    const isDirect = !this.#thinksFirst;
    await this.#beginAtFirstStep(scope);
    const cap = isDirect ? limits.answerTokens : limits.thoughtTokens;
    const rules = {
      maxTokens: Math.min(tokenCount, cap),
      softLimit: null,
      stopTexts: isDirect ? [] : this.#form.ends,
      sampler: { ...sampler, temperature: 0 },
    };
    const end = await this.#generate(isDirect ? 'answer' : 'thought', rules, scope);
    this.#probePrefixEnd = end.type === 'maxTokens' ? null : end;
    return end;
  }

  /** All that is left to write. */
  async write(scope: RunScope): Promise<CandidateEnd> {
    for (;;) {
      if (this.#thinksFirst) {
        const closed = await this.#think(scope);
        if (closed !== 'answer') return closed;
      } else {
        this.#answerFrom = 0;
      }
      const ended = await this.#answer(scope);
      if (ended !== 'thought') return ended;
      this.#isThinking = true;
      this.#answerFrom = null;
    }
  }

  /** The canonical answer of what was written up to such an end. */
  answerAt(end: CandidateEnd): string | null {
    if (end === 'pruned' || end === 'stopped') return null;
    // A thought that was cut off may have come to an answer on the way.
    if (this.#answerFrom === null && this.#trialAnswer !== null) return this.#trialAnswer;
    return this.#reader.read(this.#decoder.text, this.#answerFrom ?? 0);
  }

  /** What others read of the candidate: without the thought, where the model marks that. */
  get text(): string {
    const { text } = this.#decoder;
    if (this.#rules.markers === null) return this.#reader.shown(text);
    return this.#answerFrom === null ? '' : text.slice(this.#answerFrom).trimStart();
  }

  get #thinksFirst(): boolean {
    return this.#rules.form !== 'direct' || this.#rules.markers !== null;
  }

  /** Puts the first step's number where a thought would begin, if a thought fits after it. */
  async #beginAtFirstStep(scope: RunScope): Promise<void> {
    const { form, options, limits, markers } = this.#rules;
    const isAtStart =
      form !== 'direct' && markers === null && this.#decoder.text === '' && !this.#decoder.hasBegun;
    const hasRoom = limits.thoughtTokens > 0 && this.#meter.unreservedTokens > 0;
    if (!options.skipPreamble || !isAtStart || !hasRoom || this.#halt !== null) return;
    await this.#decoder.appendCue({ text: firstStepCue, isControl: false }, null, scope);
  }

  /** The thought, up to where an answer can be generated. Returns an end instead where it ends without one. */
  async #think(scope: RunScope): Promise<'answer' | CandidateEnd> {
    const thought = this.#thoughtInProgress();
    await this.#beginAtFirstStep(scope);
    for (;;) {
      const stretch = thought.allowance.stretch(this.#decoder.tokens.thought);
      const { maxTokens, softLimit } = stretch;
      const rules = { maxTokens, softLimit, stopTexts: this.#form.ends, sampler: this.#rules.sampler };
      const end = this.#takeProbePrefixEnd() ?? (await this.#generate('thought', rules, scope));
      const step = await this.#stepAfter({ end, stretch }, thought, scope);
      switch (step.type) {
        case 'goOn':
          break;
        case 'close':
          return this.#closeThought(step, end, scope);
        case 'end':
          return step.end;
        default:
          return assertNever(step);
      }
    }
  }

  #thoughtInProgress(): ThoughtInProgress {
    const { limits, options } = this.#rules;
    const { trialConfidence, steadyAnswers } = options.earlyStopping;
    const pauses = this.#reader.fitsLine && (trialConfidence > 0 || steadyAnswers);
    return { allowance: new ThoughtAllowance(limits, { pauses }), steadiness: new SteadyAnswer() };
  }

  /** Decides what follows a stretch of the thought: the only place where it goes on, closes or ends. */
  async #stepAfter(
    { end, stretch }: WrittenStretch,
    thought: ThoughtInProgress,
    scope: RunScope,
  ): Promise<ThoughtStep> {
    const halted = await this.#haltedEnd(end, scope);
    if (halted !== null) return { type: 'end', end: halted };
    if (end.type === 'contextFull') return { type: 'end', end: 'truncated' };
    if (end.type === 'softLimit' && stretch.endsInPause) return this.#stepAfterPause(end, thought, scope);
    const isEnded = end.type === 'stopText' && this.#form.isMarker(this.#decoder.text, end.text);
    const marker = isEnded ? end.text : null;
    if (this.#halt === null && this.#pendingExtensions > 0)
      return this.#stepAfterRequest({ end, marker }, thought, scope);
    if (end.type === 'stopText' && marker === null && this.#halt === null) return { type: 'goOn' };
    return { type: 'close', marker, trial: null, steadyAnswer: null };
  }

  /** After a pause, which is where a thought that has its answer may close. */
  async #stepAfterPause(
    end: GenerateEnd,
    { allowance, steadiness }: ThoughtInProgress,
    scope: RunScope,
  ): Promise<ThoughtStep> {
    const { trialConfidence, steadyAnswers } = this.#rules.options.earlyStopping;
    const isSentence = this.#pendingExtensions === 0 && endsSentence(this.#decoder.text);
    // No answer is read from a thought of the model's own form: trials close it.
    const isRead = isSentence && steadyAnswers && this.#rules.markers === null;
    const readAnswer = isRead ? steadiness.readThought(this.#decoder) : null;
    const isTried = isSentence && readAnswer === null && (trialConfidence > 0 || (steadyAnswers && !isRead));
    const trial = isTried ? await this.#tryAnswer(allowance, scope) : null;
    const takesTrial = isTried && steadyAnswers && !isRead;
    const steadyAnswer = takesTrial
      ? steadiness.takeAnswer(trial?.answer ?? null, this.#decoder.entropyNats)
      : readAnswer;
    const isSure = trialConfidence > 0 && isTrusted(trial, trialConfidence);
    const halted = await this.#haltedEnd(end, scope);
    if (halted !== null) return { type: 'end', end: halted };
    const isOver = this.#halt !== null || steadyAnswer !== null || isSure;
    return isOver
      ? { type: 'close', marker: null, trial: isSure ? trial : null, steadyAnswer }
      : { type: 'goOn' };
  }

  /** At the thought's end, where the user has asked for more of it. */
  async #stepAfterRequest(
    { end, marker }: { readonly end: GenerateEnd; readonly marker: string | null },
    { allowance }: ThoughtInProgress,
    scope: RunScope,
  ): Promise<ThoughtStep> {
    this.#pendingExtensions--;
    const extension = allowance.extend(this.#decoder.tokens.thought);
    if (extension === 0) {
      const why = 'You asked for more thought, but its budget or context is used up.';
      await scope.events.push(this.#thinkMore(why));
      return { type: 'close', marker, trial: null, steadyAnswer: null };
    }
    const why = `You asked for more thought: up to ${extension} more tokens.`;
    await scope.events.push(this.#thinkMore(why));
    if (marker !== null && this.#form.dropsMarker) await this.#decoder.dropMarker(marker);
    const hasCue = await this.#decoder.appendCue(this.#form.continuation, end, scope);
    return hasCue ? { type: 'goOn' } : { type: 'end', end: cutOffBy(scope.signal) };
  }

  /** Closes the thought: at the marker that the model wrote, or with a cue that asks for the answer. */
  async #closeThought(
    { marker, trial, steadyAnswer }: ClosedThought,
    end: GenerateEnd,
    scope: RunScope,
  ): Promise<'answer' | CandidateEnd> {
    const { id, tokens } = this.#decoder;
    const halt = this.#halt;
    this.#isThinking = false;
    // A candidate that was ended meanwhile stays so.
    if (closesThought(halt)) {
      this.#halt = null;
      this.#mayReopen = false;
    }
    if (marker !== null) {
      // The token that completed the marker may hold the beginning of the answer too.
      this.#answerFrom = this.#decoder.text.lastIndexOf(marker) + marker.length;
      return 'answer';
    }
    const closing = thoughtClosing(id, tokens.thought, { halt, trial, steadyAnswer, end });
    if (closing !== null) await scope.events.push(closing);
    // A cue that nothing follows would be all there is to read of it.
    if (!this.#hasRoomForAnswer()) return 'truncated';
    const { answerOffset } = this.#form;
    const from = this.#decoder.text.length;
    let after: GenerateEnd | null = end;
    for (const cue of this.#closingCues()) {
      if (!(await this.#decoder.appendCue(cue, after, scope))) return cutOffBy(scope.signal);
      after = null;
    }
    this.#answerFrom = answerOffset === 'afterCues' ? this.#decoder.text.length : from + answerOffset;
    return 'answer';
  }

  /** A question that was put directly has asked for no marked answer, and a program fits no line. */
  #closingCues(): readonly Cue[] {
    const isLine = this.#rules.form !== 'direct' && this.#reader.fitsLine;
    return isLine ? this.#form.closing : this.#form.plainClosing;
  }

  async #tryAnswer(allowance: ThoughtAllowance, scope: RunScope): Promise<TrialAnswer | null> {
    const asked = { answerTokens: this.#rules.limits.answerTokens, cues: this.#form.closing };
    const trial = await this.#decoder.tryAnswer(asked, scope);
    if (trial !== null) allowance.chargeTrial(trial.tokenCount);
    this.#trialAnswer = trial?.answer ?? this.#trialAnswer;
    return trial;
  }

  /** The answer; `thought` where the model opens another one in it. */
  async #answer(scope: RunScope): Promise<CandidateEnd | 'thought'> {
    const { reopens } = this.#form;
    const markers = reopens === null ? [] : [reopens];
    const { form, isEnough } = this.#rules;
    const stopsAtLines = form === 'reasonedLine' || isEnough !== undefined;
    for (;;) {
      const rules = {
        maxTokens: this.#rules.limits.answerTokens - this.#decoder.tokens.answer,
        softLimit: null,
        stopTexts: stopsAtLines ? ['\n', ...markers] : markers,
        sampler: this.#rules.sampler,
      };
      const end = this.#takeProbePrefixEnd() ?? (await this.#generate('answer', rules, scope));
      const halted = await this.#haltedEnd(end, scope);
      if (halted !== null) return halted;
      switch (end.type) {
        case 'endToken':
          return 'finished';
        case 'stopText':
          if (end.text === reopens && this.#isReopened(reopens)) return 'thought';
          if (this.#hasWholeAnswer()) return 'finished';
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

  /** Where a line or a marker ended it for now. */
  #hasWholeAnswer(): boolean {
    const { text } = this.#decoder;
    const from = this.#answerFrom ?? 0;
    return this.#rules.isEnough?.(text.slice(from)) ?? this.#reader.isWhole(text, from);
  }

  /** The candidate's end when a halt or a cancellation decides it, with the decision that says so. */
  async #haltedEnd(end: GenerateEnd, { events, signal }: RunScope): Promise<CandidateEnd | null> {
    if (signal.aborted) return 'stopped';
    const ended = endByHalt(this.#halt, end, this.#isThinking);
    const decision = ended === null ? null : haltDecision(this.#decoder.id, this.#halt);
    if (decision !== null) await events.push(decision);
    return ended;
  }

  /** A generation, unless the candidate was halted before it could begin. */
  async #generate(purpose: GeneratedPurpose, rules: GenerationRules, scope: RunScope): Promise<GenerateEnd> {
    if (this.#halt !== null) return { type: 'cancelled' };
    return await this.#decoder.generate(purpose, rules, scope);
  }

  #hasRoomForAnswer(): boolean {
    return this.#rules.limits.answerTokens > 0 && this.#meter.unreservedTokens > 0;
  }

  /** Whether a marker in the answer opens another thought, for which something is left. */
  #isReopened(marker: string): boolean {
    const { text, tokens } = this.#decoder;
    const isAtLineStart = /(?:^|\n)\s*$/u.test(text.slice(0, text.lastIndexOf(marker)));
    const hasRoom = tokens.thought < this.#rules.limits.thoughtTokens;
    return this.#mayReopen && isAtLineStart && hasRoom && this.#form.isMarker(text, marker);
  }

  #takeProbePrefixEnd(): GenerateEnd | null {
    const end = this.#probePrefixEnd;
    this.#probePrefixEnd = null;
    return end;
  }

  #thinkMore(why: string): SearchEvent {
    return { type: 'decision/made', kind: 'thinkMore', candidateId: this.#decoder.id, why };
  }
}

/** How a candidate ends that could not be given a cue. */
function cutOffBy(signal: AbortSignal): CandidateEnd {
  return signal.aborted ? 'stopped' : 'truncated';
}
