import type { CandidateId, SamplerSettings, SearchEvent } from '../../../protocol/traceEvent.ts';
import type { Sequence } from '../../engine/engine.ts';
import { firstStepCue } from '../../prompts/chatPrompt.ts';
import type { EventSink, ReportingWork, RunScope } from '../../request/eventChannel.ts';
import type { Steering } from '../../request/steering.ts';
import { type Interruptions, withSteering } from '../../request/withSteering.ts';
import type { AnswerReader } from '../answers/answerReader.ts';
import type { ValuedEnd, ValueReader } from '../value/valueReader.ts';
import { CandidateDecoder, type DecoderOptions, type WrittenThought } from './candidateDecoder.ts';
import type { Beginning, CandidateOutcome, ProbePrefix } from './candidateStages.ts';
import { CandidateWriter, type WritingRules } from './candidateWriter.ts';

export interface CandidateOptions extends DecoderOptions, WritingRules {
  /** Tells its answer from its text. */
  readonly reader: AnswerReader;
  readonly steering: Steering;
  /** A thought that was written before, and how it ended: the candidate is open already, and only its answer is left. */
  readonly thought?: WrittenThought;
  /** The candidate whose program it writes anew; its prompt is its own then. */
  readonly repairs?: CandidateId;
  /** Reads how likely it is right; it gets the states through `onHiddenState`. None when absent. */
  readonly values?: ValueReader;
}

/**
 * One candidate from its first token to its end: its probe prefix, what difficulty decides after it, and its outcome. What
 * is written, and until when, its `CandidateWriter` decides. Its events are its only output.
 */
export class CandidateRun {
  readonly #options: CandidateOptions;
  readonly #decoder: CandidateDecoder;
  readonly #writer: CandidateWriter;
  #sampler: SamplerSettings;
  #isOpened: boolean;
  #hasEnded = false;

  constructor(options: CandidateOptions) {
    const { thought, reader, meter, sampler } = options;
    this.#options = options;
    this.#decoder = thought?.decoder ?? new CandidateDecoder(options);
    this.#writer = new CandidateWriter(
      { decoder: this.#decoder, reader, meter, ...(thought && { thought }) },
      options,
    );
    this.#sampler = sampler;
    this.#isOpened = thought !== undefined;
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

  /** How sure the model was of its generated tokens so far, also when it has ended. */
  get confidences(): readonly number[] {
    return this.#decoder.confidences;
  }

  /** Whether what was read for difficulty was the whole candidate, so that there is nothing to go on with. */
  get hasEndedInProbePrefix(): boolean {
    return this.#writer.hasEndedInProbePrefix;
  }

  /** What is there of it before its end is asked for. */
  get beginning(): Beginning {
    const { tokens, text } = this.#decoder;
    const { isAsked } = this.#writer;
    const beginsAtFirstStep = text.startsWith(firstStepCue);
    return {
      isOpened: this.#isOpened,
      beginsAtFirstStep,
      isAsked,
      thoughtTokens: tokens.thought,
      answerTokens: tokens.answer,
    };
  }

  /** Goes on with another model of the same tokens, between probe prefix and end: see `CandidateDecoder.moveTo`. */
  moveTo(...args: Parameters<CandidateDecoder['moveTo']>): Promise<void> {
    return this.#decoder.moveTo(...args);
  }

  /** Ends it soon as `pruned`: it can no longer win. Returns false when it has ended already. */
  prune(): boolean {
    return !this.#hasEnded && this.#writer.interrupt('pruned');
  }

  /**
   * Greedily generates at most `tokenCount` tokens, from which difficulty is read; `finish` goes on after them.
   * Greedy, so that the seed does not decide how hard a question looks.
   */
  async open(tokenCount: number, scope: RunScope): Promise<ProbePrefix> {
    const { events, signal } = scope;
    await events.push(this.#opened({ ...this.#sampler, temperature: 0 }));
    const probePrefixEntropyNats: number[] = [];
    const observed: EventSink = {
      push: (event) => {
        if (event.type === 'tokens/appended') probePrefixEntropyNats.push(...event.tokens.entropyNats);
        return events.push(event);
      },
    };
    const { type } = await this.#withSteering((heard) => this.#writer.open(tokenCount, heard), {
      events: observed,
      signal,
    });
    return { probePrefixEntropyNats, hasEnded: type === 'endToken' || type === 'stopText' };
  }

  /** Takes over what difficulty decided after the probe prefix. */
  adopt(decided: WritingRules): void {
    this.#sampler = decided.sampler;
    this.#writer.adopt(decided);
  }

  /** Everything up to the candidate's end, which is the last event. Frees the sequence's cells for others. */
  async finish(scope: RunScope): Promise<CandidateOutcome> {
    const { events } = scope;
    try {
      if (!this.#isOpened) await events.push(this.#opened(this.#sampler));
      const reported = { ...scope, events: this.#withValues(events) };
      const written = await this.#withSteering((heard) => this.#writer.write(heard), reported);
      // Pruned in the moment of its end: the decision is in the log already, so it stands.
      const end = this.#writer.isPruned ? 'pruned' : written;
      this.#hasEnded = true;
      const answer = this.#writer.answerAt(end);
      const value = await this.#reportValues({ answer: end === 'finished' ? answer : null }, events);
      await events.push({ type: 'candidate/closed', candidateId: this.id, end, answer });
      const { tokens, statistics } = this.#decoder;
      const { text } = this.#writer;
      const spent = { thoughtTokens: tokens.thought, answerTokens: tokens.answer };
      return { id: this.id, end, answer, text, ...spent, statistics, value };
    } finally {
      await this.dispose();
    }
  }

  /** Idempotent. */
  dispose(): Promise<void> {
    return this.#decoder.dispose();
  }

  /** Events, with values of line ends after the tokens that follow them. */
  #withValues(events: EventSink): EventSink {
    const { values } = this.#options;
    if (values === undefined) return events;
    return {
      push: async (event) => {
        await events.push(event);
        const read = event.type === 'tokens/appended' ? values.takeKnown(this.id) : null;
        if (read !== null) await events.push(read);
      },
    };
  }

  async #reportValues(end: ValuedEnd, events: EventSink): Promise<number | null> {
    const read = (await this.#options.values?.finish(this.id, end)) ?? null;
    if (read !== null) await events.push(read);
    return read?.answer ?? null;
  }

  #opened(sampler: SamplerSettings): SearchEvent {
    this.#isOpened = true;
    const { repairs } = this.#options;
    const origin = { parent: null, ...(repairs !== undefined && { repairs }) };
    return { type: 'candidate/opened', candidateId: this.id, ...origin, sampler };
  }

  #withSteering<R>(work: ReportingWork<SearchEvent, R>, scope: RunScope): Promise<R> {
    const { steering, meter } = this.#options;
    const writer = this.#writer;
    const interruptions: Interruptions = {
      stop: () => writer.interrupt('stoppedByUser'),
      answerNow: () => writer.requestClose('answerNow'),
      thinkMore: () => writer.extendThought(),
      timeIsShort: () => writer.requestClose('timeIsShort'),
      outOfTime: () => writer.interrupt('outOfTime'),
    };
    return withSteering(work, { steering, meter, interruptions }, scope);
  }
}
