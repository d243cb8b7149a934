import type { CandidateId, SamplerSettings } from '../../../protocol/traceEvent.ts';
import type { GenerateEnd, Sequence } from '../../engine/engine.ts';
import type { EventSink, RunScope } from '../../request/eventChannel.ts';
import type { CandidateDecoder, WrittenThought } from '../candidates/candidateDecoder.ts';
import { type CandidateOptions, CandidateRun } from '../candidates/candidateRun.ts';
import type { CandidateOutcome } from '../candidates/candidateStages.ts';
import { thoughtFormOf } from '../candidates/thoughtForm.ts';
import { stepConfidence, type StepNode, stepsUpTo, textOf, treeTokens } from './stepNode.ts';

/** What all paths of one search have in common. */
export type StepPathOptions = Omit<CandidateOptions, 'id' | 'sequence' | 'form' | 'thought'>;

interface Origin {
  readonly decoder: CandidateDecoder;
  readonly parent: { readonly candidateId: CandidateId; readonly tokenCount: number } | null;
  readonly last: StepNode | null;
}

/**
 * A thought that grows a step, which is a line, at a time and can be forked after each: one candidate of the log. Its
 * first step after a fork goes on with the candidate itself, so a search opens one candidate less than it has branches.
 */
export class StepPath {
  readonly #options: StepPathOptions;
  readonly #decoder: CandidateDecoder;
  readonly #parent: Origin['parent'];
  readonly #inheritedTokens: number;
  #last: StepNode | null;
  #isOpened = false;
  /** How the thought ended; null while it can go on. */
  #end: GenerateEnd | null = null;

  /** Owns the decoder. */
  constructor({ decoder, parent, last }: Origin, options: StepPathOptions) {
    this.#options = options;
    this.#decoder = decoder;
    this.#parent = parent;
    this.#last = last;
    this.#inheritedTokens = decoder.tokens.thought;
  }

  get id(): CandidateId {
    return this.#decoder.id;
  }

  /** Everything after the prompt, from the first step on. */
  get text(): string {
    return this.#decoder.text;
  }

  /** Its latest step; null at the prompt. */
  get last(): StepNode | null {
    return this.#last;
  }

  get sequence(): Sequence {
    return this.#decoder.sequence;
  }

  /** Whether the thought is over: the model closed it, or it is at its cap. */
  get hasEnded(): boolean {
    return this.#end !== null;
  }

  /** Thought tokens that it may still get. */
  get tokensLeft(): number {
    return Math.max(0, this.#options.limits.thoughtTokens - this.#decoder.tokens.thought);
  }

  /** One more line, of at most so many tokens; lines without a word do not count. Adds a step, an empty one where nothing came. */
  async step(mostTokens: number, { events, signal }: RunScope): Promise<void> {
    await this.open(events);
    const from = this.#decoder.tokens.thought;
    const logprobs: number[] = [];
    let text = '';
    const observed: EventSink = {
      push: (event) => {
        if (event.type === 'tokens/appended') {
          logprobs.push(...event.tokens.logprobs);
          text += event.tokens.texts.join('');
        }
        return events.push(event);
      },
    };
    let end: GenerateEnd;
    do {
      const maxTokens = mostTokens - (this.#decoder.tokens.thought - from);
      const stopTexts = [...thoughtFormOf(this.#options.markers).ends, '\n'];
      const rules = { maxTokens, softLimit: null, stopTexts, sampler: this.#options.sampler };
      end = await this.#decoder.generate('thought', rules, { events: observed, signal });
    } while (end.type === 'stopText' && (text.trim() === '' || this.#isInCode(end.text)));
    const tokenCount = this.#decoder.tokens.thought - from;
    this.#last = { before: this.#last, text, tokenCount, confidence: stepConfidence(logprobs) };
    const isLine = end.type === 'stopText' && end.text === '\n';
    if (!isLine && end.type !== 'maxTokens') this.#end = end;
    else if (this.tokensLeft === 0) this.#end = { type: 'maxTokens' };
  }

  /** Whether the line went on where it stopped: the marker is part of the code that it is in. */
  #isInCode(stopText: string): boolean {
    const { text } = this.#decoder;
    return stopText !== '\n' && !thoughtFormOf(this.#options.markers).isMarker(text, stopText);
  }

  /** Steps of at most so many tokens, up to the thought's end. */
  async grow(mostTokens: number, scope: RunScope): Promise<void> {
    while (this.#end === null) {
      await this.step(Math.min(mostTokens, this.tokensLeft), scope);
      // Where nothing came there is no budget for more.
      if (this.#last?.tokenCount === 0) this.#end ??= { type: 'maxTokens' };
    }
  }

  /**
   * A branch that shares the first `stepCount` steps alone. Only for a path that begins at the prompt, which has
   * `promptTokens`. Owned by the caller.
   */
  async rewind(
    stepCount: number,
    { id, promptTokens }: { readonly id: CandidateId; readonly promptTokens: number },
    signal: AbortSignal,
  ): Promise<StepPath> {
    const last = stepsUpTo(this.#last)[stepCount - 1] ?? null;
    const tokenCount = treeTokens([last]);
    const [sequence] = await this.#decoder.sequence.fork(1, signal);
    if (sequence === undefined) throw new Error('A fork of one sequence gave none.');
    await sequence.truncate(promptTokens + tokenCount);
    const decoder = this.#decoder.branch(id, sequence, { tokenCount, text: textOf(last) });
    const parent = tokenCount === 0 ? null : { candidateId: this.id, tokenCount };
    return new StepPath({ decoder, parent, last }, this.#options);
  }

  /** Branches that share every step so far; they are opened with their first step. Owned by the caller. */
  async fork(ids: readonly CandidateId[], signal: AbortSignal): Promise<readonly StepPath[]> {
    if (ids.length === 0) return [];
    const tokenCount = this.#decoder.tokens.thought - this.#inheritedTokens;
    const parent = tokenCount > 0 ? { candidateId: this.id, tokenCount } : this.#parent;
    const sequences = await this.#decoder.sequence.fork(ids.length, signal);
    return sequences.map((sequence, index) => {
      const decoder = this.#decoder.branch(ids[index] ?? this.id, sequence);
      return new StepPath({ decoder, parent, last: this.#last }, this.#options);
    });
  }

  /** Ends the candidate without an answer. Its steps stay what its branches begin with. */
  async prune(events: EventSink): Promise<void> {
    await this.open(events);
    await events.push({ type: 'candidate/closed', candidateId: this.id, end: 'pruned', answer: null });
    await this.dispose();
  }

  /** Closes the thought where it is and writes the answer, of at most so many tokens. */
  async finish(
    {
      closedBy,
      mostAnswerTokens,
    }: { readonly closedBy: WrittenThought['closedBy']; readonly mostAnswerTokens: number },
    scope: RunScope,
  ): Promise<CandidateOutcome> {
    await this.open(scope.events);
    const { sequence } = this.#decoder;
    const ownEnd = this.#end?.type === 'cancelled' ? null : this.#end;
    const end: GenerateEnd = ownEnd ?? { type: 'maxTokens' };
    const thought = { decoder: this.#decoder, end, closedBy: ownEnd === null ? closedBy : null };
    const { limits } = this.#options;
    const run = new CandidateRun({
      ...this.#options,
      limits: { ...limits, answerTokens: Math.min(limits.answerTokens, mostAnswerTokens) },
      id: this.id,
      sequence,
      form: 'reasonedLine',
      thought,
    });
    return run.finish(scope);
  }

  /** Idempotent. */
  dispose(): Promise<void> {
    return this.#decoder.dispose();
  }

  /** Opens it in the log, unless that was done before. */
  async open(events: EventSink): Promise<void> {
    if (this.#isOpened) return;
    this.#isOpened = true;
    const sampler: SamplerSettings = this.#options.sampler;
    await events.push({ type: 'candidate/opened', candidateId: this.id, parent: this.#parent, sampler });
  }
}
