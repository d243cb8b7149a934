import { CodedError } from '../../../protocol/codedError.ts';
import type { CandidateId } from '../../../protocol/traceEvent.ts';
import type {
  GenerateEnd,
  GenerateRequest,
  GenerateResult,
  Model,
  Sequence,
  SequenceOptions,
  TokenId,
  TokenStep,
} from '../../engine/engine.ts';
import { philox } from '../../numeric/random.ts';
import { tokenConfidence, traceStatistics, type TraceStatistics } from '../../numeric/traceStatistics.ts';
import type { BudgetMeter } from '../../request/budgetMeter.ts';
import { reportDrafts } from '../../request/draftReport.ts';
import type { EventSink, RunScope } from '../../request/eventChannel.ts';
import { reportServers } from '../../request/serverReport.ts';
import { toTokenColumns } from '../../request/stepColumns.ts';
import type { Cue } from './thoughtForm.ts';
import { type TrialAnswer, tryAnswer } from './trialAnswer.ts';

export interface DecoderOptions {
  readonly id: CandidateId;
  readonly model: Model;
  /** Owned by the decoder from here on. */
  readonly sequence: Sequence;
  readonly seed: number;
  readonly meter: BudgetMeter;
  /** Takes last-layer states as the text is written. The engine reads none when absent. */
  readonly onHiddenState?: (read: CandidateHiddenState) => void;
}

/** A last-layer state of a candidate, and where in its text it was read. */
export interface CandidateHiddenState {
  /** `end`: where one generation ended, at the last token before the one that ended it. */
  readonly place: 'lineEnd' | 'end';
  readonly purpose: GeneratedPurpose;
  /** Tokens of the candidate that were generated up to there, cues left out. */
  readonly generatedTokens: number;
  /** Characters of its text up to there, cues included. */
  readonly characters: number;
  /** Entropies of those generated tokens, added up. */
  readonly entropyNats: number;
  /** `hiddenSize` values; the listener's from here on. */
  readonly state: Float32Array;
}

/** A thought that somebody else wrote. */
export interface WrittenThought {
  readonly decoder: CandidateDecoder;
  readonly end: GenerateEnd;
  /** What closed it that was neither its own end nor a cap. */
  readonly closedBy: 'answerNow' | 'timeIsShort' | null;
}

export type GeneratedPurpose = 'thought' | 'answer';

/** What varies between the generations of one candidate. */
export type GenerationRules = Pick<GenerateRequest, 'sampler' | 'maxTokens' | 'softLimit' | 'stopTexts'>;

/** Most likely tokens kept with each token of the log. */
const alternativesPerToken = 5;

/**
 * Writes one candidate's text: generations and cues, one behind the other, each reported as events and booked with
 * the meter. Knows nothing of why a candidate goes on or ends.
 */
export class CandidateDecoder {
  readonly #options: DecoderOptions;
  readonly #tokens: Record<GeneratedPurpose, number> = { thought: 0, answer: 0 };
  /** Tokens of everything after the prompt. */
  readonly #ids: TokenId[] = [];
  /** What each of them wrote; the text of a cue is with its first. */
  readonly #pieces: string[] = [];
  readonly #entropyNats: number[] = [];
  readonly #confidences: number[] = [];
  #model: Model;
  #sequence: Sequence;
  #text = '';
  #generationCount = 0;
  #droppedTokens = 0;
  /** Which of several servers wrote last. */
  #writer: string | null = null;
  #interruption: AbortController | null = null;
  #isDisposed = false;

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#model = options.model;
    this.#sequence = options.sequence;
  }

  get id(): CandidateId {
    return this.#options.id;
  }

  get sequence(): Sequence {
    return this.#sequence;
  }

  /** Everything behind the prompt, cues included. */
  get text(): string {
    return this.#text;
  }

  /** Generated tokens by purpose so far. */
  get tokens(): Readonly<Record<GeneratedPurpose, number>> {
    return this.#tokens;
  }

  /** Statistics of all generated tokens so far; costs a pass over them. */
  get statistics(): TraceStatistics {
    return traceStatistics(this.#entropyNats, this.#confidences);
  }

  /** Entropy of each generated token. */
  get entropyNats(): readonly number[] {
    return this.#entropyNats;
  }

  /** How sure the model was of each generated token: see `tokenConfidence`. */
  get confidences(): readonly number[] {
    return this.#confidences;
  }

  /** Whether anything was generated or tried to be. */
  get hasBegun(): boolean {
    return this.#generationCount > 0;
  }

  /**
   * A candidate of its own over a sequence forked from this one's: it begins with all that is written here, or with the
   * first `kept.tokenCount` tokens of a thought without cues, which are `kept.text`.
   */
  branch(
    id: CandidateId,
    sequence: Sequence,
    kept?: { readonly tokenCount: number; readonly text: string },
  ): CandidateDecoder {
    const branch = new CandidateDecoder({ ...this.#options, id, model: this.#model, sequence });
    branch.#text = kept?.text ?? this.#text;
    Object.assign(
      branch.#tokens,
      kept === undefined ? this.#tokens : { thought: kept.tokenCount, answer: 0 },
    );
    branch.#ids.push(...this.#ids.slice(0, kept?.tokenCount));
    branch.#pieces.push(...this.#pieces.slice(0, kept?.tokenCount));
    branch.#entropyNats.push(...this.#entropyNats.slice(0, kept?.tokenCount));
    branch.#confidences.push(...this.#confidences.slice(0, kept?.tokenCount));
    return branch;
  }

  /** One generation, at most as long as the budget still allows. Ends as `cancelled` soon after `interrupt`. */
  async generate(
    purpose: GeneratedPurpose,
    rules: GenerationRules,
    { events, signal }: RunScope,
  ): Promise<GenerateEnd> {
    const { meter, seed, onHiddenState } = this.#options;
    const grant = meter.reserve(Math.max(0, rules.maxTokens));
    const number = this.#generationCount++;
    const interruption = new AbortController();
    this.#interruption = interruption;
    try {
      if (grant.remaining === 0) return { type: 'maxTokens' };
      const stream = this.#sequence.generate(
        {
          ...rules,
          maxTokens: grant.remaining,
          seed: generationSeed(seed, this.id, number),
          alternatives: alternativesPerToken,
          ...(onHiddenState !== undefined && { hiddenStatesAt: 'lineEnds' }),
        },
        AbortSignal.any([signal, interruption.signal]),
      );
      let lastText = '';
      for (;;) {
        const step = await stream.next();
        if (step.done === true) {
          this.#reportLastState(purpose, step.value, lastText);
          await reportDrafts(step.value, meter, events);
          const wrote = { candidateId: this.id, writer: this.#writer };
          this.#writer = await reportServers(step.value, wrote, events);
          await this.#reportShift(step.value.droppedTokenCount, events);
          return step.value.end;
        }
        if (step.value.length === 0) continue;
        grant.spend(purpose, step.value.length);
        this.#tokens[purpose] += step.value.length;
        const tokens = toTokenColumns(step.value);
        this.#reportLineStates(purpose, step.value);
        lastText = tokens.texts.at(-1) ?? '';
        this.#text += tokens.texts.join('');
        this.#ids.push(...tokens.ids);
        this.#pieces.push(...tokens.texts);
        this.#entropyNats.push(...tokens.entropyNats);
        this.#confidences.push(...tokens.alternatives.map(tokenConfidence));
        await events.push({ type: 'tokens/appended', candidateId: this.id, purpose, tokens });
      }
    } finally {
      this.#interruption = null;
      grant.release();
    }
  }

  /** What the thought would answer if it ended here, without a change to it: see `tryAnswer`. Only between generations. */
  async tryAnswer(
    { answerTokens, cues }: { readonly answerTokens: number; readonly cues: readonly Cue[] },
    { events, signal }: RunScope,
  ): Promise<TrialAnswer | null> {
    const { id: candidateId, meter, seed } = this.#options;
    const interruption = new AbortController();
    this.#interruption = interruption;
    const options = { candidateId, model: this.#model, meter, seed, answerTokens, cues };
    const ended = AbortSignal.any([signal, interruption.signal]);
    try {
      return await tryAnswer(this.#sequence, options, { events, signal: ended });
    } finally {
      this.#interruption = null;
    }
  }

  /** Tokens of the sequence that its context dropped: what is left does not begin with the prompt any more. */
  get droppedTokens(): number {
    return this.#droppedTokens;
  }

  /** Ends the generation in progress, if there is one, within one decode step. */
  interrupt(): void {
    this.#interruption?.abort();
  }

  /**
   * Puts a cue behind the text, in place of the end token that the last generation ended with, where there was one. Returns
   * false when the context has no room for it, or the request ended meanwhile.
   */
  async appendCue(
    { text, isControl }: Cue,
    end: GenerateEnd | null,
    { events, signal }: RunScope,
  ): Promise<boolean> {
    const { meter } = this.#options;
    const sequence = this.#sequence;
    if (signal.aborted) return false;
    if (end?.type === 'endToken' && end.id >= 0) await sequence.truncate(sequence.length - 1);
    let tokens: readonly TokenId[];
    try {
      tokens = await this.#model.tokenize(text, { special: isControl }, signal);
      await sequence.append(tokens, signal);
    } catch (error) {
      if (error instanceof CodedError && ['context.exceeded', 'cancelled'].includes(error.code)) return false;
      throw error;
    }
    meter.spendPrompt(tokens.length);
    this.#text += text;
    this.#ids.push(...tokens);
    this.#pieces.push(...tokens.map((_, place) => (place === 0 ? text : '')));
    await events.push({ type: 'cue/appended', candidateId: this.id, text, tokenCount: tokens.length });
    return true;
  }

  /**
   * Takes back the tokens that wrote a marker which the text ends with, so that the model does not read it when it goes on.
   * The log keeps them, and they stay spent. Only between generations.
   */
  async dropMarker(marker: string): Promise<void> {
    let written = '';
    let count = 0;
    while (count < this.#pieces.length && !written.includes(marker)) {
      count += 1;
      written = (this.#pieces.at(-count) ?? '') + written;
    }
    if (!written.includes(marker)) return;
    await this.#sequence.truncate(this.#sequence.length - count);
    this.#ids.length -= count;
    this.#pieces.length -= count;
    this.#text = this.#text.slice(0, -written.length);
  }

  /**
   * Goes on with another model of the same tokens, which reads the prompt and all that was written. Nothing changes
   * where that fails. Only between generations, and not behind an end token.
   */
  async moveTo(
    model: Model,
    prompt: { readonly tokens: readonly TokenId[]; readonly options: SequenceOptions },
    signal: AbortSignal,
  ): Promise<void> {
    const tokens = [...prompt.tokens, ...this.#ids];
    const sequence = await model.openSequence(prompt.options, signal);
    try {
      await sequence.append(tokens, signal);
    } catch (thrown) {
      await sequence.dispose();
      throw thrown;
    }
    this.#options.meter.spendPrompt(tokens.length);
    await this.#sequence.dispose();
    this.#model = model;
    this.#sequence = sequence;
  }

  /** Before the steps count as written. */
  #reportLineStates(purpose: GeneratedPurpose, steps: readonly TokenStep[]): void {
    const { onHiddenState } = this.#options;
    if (onHiddenState === undefined) return;
    let characters = this.#text.length;
    let entropyNats = sum(this.#entropyNats);
    for (const [index, { text, lineState: state, entropyNats: ownNats }] of steps.entries()) {
      if (state !== undefined) {
        const generatedTokens = this.#entropyNats.length + index;
        onHiddenState({ place: 'lineEnd', purpose, generatedTokens, characters, entropyNats, state });
      }
      characters += text.length;
      entropyNats += ownNats;
    }
  }

  /** An end token is no part of the text; any other last token is, and its own state was not computed. */
  #reportLastState(
    purpose: GeneratedPurpose,
    { end, lastState: state }: GenerateResult,
    lastText: string,
  ): void {
    if (state === undefined) return;
    const isPastText = end.type === 'endToken';
    const generatedTokens = this.#entropyNats.length - (isPastText ? 0 : 1);
    const characters = this.#text.length - (isPastText ? 0 : lastText.length);
    const entropyNats = sum(this.#entropyNats.slice(0, generatedTokens));
    this.#options.onHiddenState?.({ place: 'end', purpose, generatedTokens, characters, entropyNats, state });
  }

  async #reportShift(droppedTokens: number, events: EventSink): Promise<void> {
    if (droppedTokens === 0) return;
    this.#droppedTokens += droppedTokens;
    const why = `The context was full: the oldest ${droppedTokens} tokens after the first four were forgotten.`;
    await events.push({ type: 'decision/made', kind: 'contextShifted', candidateId: this.id, why });
  }

  /** Frees the sequence's cells for others. Idempotent. */
  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#sequence.dispose();
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Every generation draws from a stream of its own; 32-bit. The second key word keeps it apart from token draws. */
function generationSeed(seed: number, candidateId: CandidateId, number: number): number {
  return philox([candidateId, number, 0, 0], [seed >>> 0, 1])[0];
}
