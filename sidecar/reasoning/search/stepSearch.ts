import type { StepSearchSettings } from '../../../protocol/messages.ts';
import type { CandidateId, StopReason } from '../../../protocol/traceEvent.ts';
import type { EventSink, RunScope } from '../../request/eventChannel.ts';
import { readPrompt, stoppedBefore } from '../../request/readPrompt.ts';
import { together } from '../../request/together.ts';
import { answerReaderFor } from '../answers/answerReader.ts';
import { CandidateDecoder } from '../candidates/candidateDecoder.ts';
import type { CandidateOutcome } from '../candidates/candidateStages.ts';
import type { StrategyContext } from '../context/strategy.ts';
import { limitsOf, reasonOf } from '../exploration/exploration.ts';
import { selectAnswer } from '../exploration/selectAnswer.ts';
import { treeTokens } from './stepNode.ts';
import { StepPath } from './stepPath.ts';

/** A step that found no line end by then is one all the same. */
const longestStepTokens = 128;
/** Less is not a step. */
const fewestStepTokens = 8;
/** Less is not an answer. Our choice. */
const fewestAnswerTokens = 8;
/** Part of budget and context that steps leave to answers. */
const answerPart = 0.25;

/**
 * A budget in tokens within which no walk of so many candidates is cut short: all its steps at their longest, beside the part
 * that is left to answers. Pure.
 */
export function mostStepTokens(
  candidateCount: number,
  { stepChildren, maxSteps }: StepSearchSettings,
  thoughtTokensPerCandidate: number,
): number {
  const steps = candidateCount * maxSteps * stepChildren;
  return Math.ceil((steps * Math.min(longestStepTokens, thoughtTokensPerCandidate)) / (1 - answerPart));
}

/** Decides which steps are taken: grows paths from the root with `search`, and returns those that are to answer, best first. */
export type StepWalk = (
  context: StrategyContext,
  from: { readonly search: StepSearch; readonly root: StepPath },
  scope: RunScope,
) => Promise<readonly StepPath[]>;

interface StepPlan {
  readonly walk: StepWalk;
  /** Thoughts that divide budget and context between them; 1 for a search that watches both itself as it goes. */
  readonly sharedBy: number;
}

/**
 * Reads the prompt, lets `walk` grow thoughts step by step, answers after those it returns and prunes all others, then
 * selects. Whatever ends the search early (budget, time, context, a stop, a request for the answer), the paths so far answer.
 */
export async function searchSteps(
  given: StrategyContext,
  { walk, sharedBy }: StepPlan,
  scope: RunScope,
): Promise<StopReason> {
  const { signal } = scope;
  // Branches share cells, and those cannot be shifted.
  const context = { ...given, sequenceOptions: { ...given.sequenceOptions, shiftsContext: false } };
  const sequence = await readPrompt(context, scope);
  if (sequence === null) return stoppedBefore(context, signal);
  const { model, seed, meter, steering, sampler, thought } = context;
  const { markers } = thought;
  const limits = limitsOf(context, { candidateCount: sharedBy });
  const reader = answerReaderFor(context.question, context.thought);
  const rules = { sampler, options: { ...context.options, skipPreamble: false }, limits, markers };
  const options = { model, seed, meter, steering, reader, ...rules };
  const decoder = new CandidateDecoder({ id: context.firstCandidateId, model, sequence, seed, meter });
  const root = new StepPath({ decoder, parent: null, last: null }, options);
  const search = new StepSearch(context, root);
  try {
    const chosen = await search.listening(() => walk(given, { search, root }, scope));
    const outcomes = await search.finish(chosen, scope);
    if (signal.aborted) return 'cancelled';
    const isAnswered = await selectAnswer(context, outcomes, scope);
    return reasonOf(isAnswered, context, signal);
  } finally {
    await search.dispose();
  }
}

/** The open paths of one search: steps them side by side within budget and context, prunes them, has them answer. */
export class StepSearch {
  readonly #context: StrategyContext;
  readonly #open: Set<StepPath>;
  #nextId: CandidateId;
  readonly #interruption = new AbortController();
  #isAnswerAsked = false;

  constructor(context: StrategyContext, root: StepPath) {
    this.#context = context;
    this.#open = new Set([root]);
    this.#nextId = root.id + 1;
  }

  /** Neither pruned nor answered yet. */
  get open(): readonly StepPath[] {
    return [...this.#open];
  }

  /** Hears the user for as long as the search goes on. There is no single thought that could be asked to go on. */
  async listening<R>(work: () => Promise<R>): Promise<R> {
    const unlisten = this.#context.steering.listen((action) => {
      if (action === 'thinkMore') return false;
      if (action === 'answerNow') this.#isAnswerAsked = true;
      this.#interruption.abort();
      return true;
    });
    try {
      return await work();
    } finally {
      unlisten();
    }
  }

  /**
   * Makes each path several, itself and branches, and has all of them take a step at once. Returns the families in the
   * order of the paths, or null when no step can be taken any more, which the log then says.
   */
  async expand(
    paths: readonly StepPath[],
    children: number,
    scope: RunScope,
  ): Promise<readonly (readonly StepPath[])[] | null> {
    const { events, signal } = scope;
    if (this.isHalted(signal)) return null;
    const room = this.#stepRoom(paths.length * children);
    if (room.tokens < fewestStepTokens) {
      const why = `The search ended, because its ${room.bound} has room for answers alone.`;
      await events.push({ type: 'decision/made', kind: 'searchEnded', candidateId: null, why });
      return null;
    }
    const families: (readonly StepPath[])[] = [];
    for (const path of paths) families.push(await this.branch(path, children, signal));
    await this.#together(
      families.flat(),
      (path, each) => {
        return path.step(Math.min(room.tokens, path.tokensLeft), each);
      },
      scope,
    );
    return this.isHalted(signal) ? null : families;
  }

  /** A path and branches of it that are yet to be opened, so many in all. */
  async branch(path: StepPath, count: number, signal: AbortSignal): Promise<readonly StepPath[]> {
    const ids = Array.from({ length: count - 1 }, () => this.#nextId++);
    const branches = await path.fork(ids, signal);
    for (const branch of branches) this.#open.add(branch);
    return [path, ...branches];
  }

  /** A branch of a path that begins at the prompt, with its first `stepCount` steps. */
  async rewind(path: StepPath, stepCount: number, signal: AbortSignal): Promise<StepPath> {
    const promptTokens = this.#context.promptTokens.length;
    const branch = await path.rewind(stepCount, { id: this.#nextId++, promptTokens }, signal);
    this.#open.add(branch);
    return branch;
  }

  /** Has all paths think to their ends, each at its own pace. */
  async grow(paths: readonly StepPath[], scope: RunScope): Promise<void> {
    if (this.isHalted(scope.signal)) return;
    await this.#together(paths, (path, each) => path.grow(longestStepTokens, each), scope);
  }

  /** Ends a path; `why` is a sentence. */
  async prune(path: StepPath, why: string, events: EventSink): Promise<void> {
    if (!this.#open.delete(path)) return;
    await events.push({ type: 'decision/made', kind: 'candidatePruned', candidateId: path.id, why });
    await path.prune(events);
  }

  /** Ends those among paths of one round that wrote what an earlier one wrote; returns the others. */
  async pruneDoubles(paths: readonly StepPath[], events: EventSink): Promise<readonly StepPath[]> {
    const firsts = new Map<string, StepPath>();
    for (const path of paths) {
      const first = firsts.get(path.text);
      if (first === undefined) firsts.set(path.text, path);
      else await this.prune(path, `It wrote the same as candidate ${first.id + 1}.`, events);
    }
    return [...firsts.values()];
  }

  /**
   * Has the chosen paths answer, all at once, and ends all others. They divide what is left of the budget, since each sets
   * its whole answer aside before it begins; where that is too little for all, the best of them alone answer. Outcomes come
   * in the order of the chosen.
   */
  async finish(
    chosen: readonly StepPath[],
    { events, signal }: RunScope,
  ): Promise<readonly CandidateOutcome[]> {
    const { meter } = this.#context;
    const room = Math.max(1, Math.floor(meter.unreservedTokens / fewestAnswerTokens));
    const answering = chosen.slice(0, room);
    for (const path of this.#open) {
      if (!chosen.includes(path)) await this.prune(path, 'The search went on without it.', events);
      else if (!answering.includes(path))
        await this.prune(path, 'The budget has no room for its answer.', events);
      // One that never took a step opens here, since candidates are numbered as they open.
      else await path.open(events);
    }
    const closedBy = this.#isAnswerAsked ? 'answerNow' : meter.isTimeShort ? 'timeIsShort' : null;
    const mostAnswerTokens = Math.floor(meter.unreservedTokens / answering.length);
    return together(
      answering,
      (path, scope: RunScope) => path.finish({ closedBy, mostAnswerTokens }, scope),
      { takeEvent: (event) => events.push(event) },
      signal,
    );
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#open].map((path) => path.dispose()));
  }

  /** Whether no step is to be taken any more: stopped, cancelled, asked for its answer, or out of time. */
  isHalted(signal: AbortSignal): boolean {
    const { steering, meter } = this.#context;
    const isStopped = signal.aborted || steering.stopSignal.aborted;
    return isStopped || this.#isAnswerAsked || meter.isTimeShort;
  }

  /** Runs one piece of work for each path, all at once, until they end or the search is halted. */
  async #together(
    paths: readonly StepPath[],
    work: (path: StepPath, scope: RunScope) => Promise<void>,
    { events, signal }: RunScope,
  ): Promise<void> {
    const ended = AbortSignal.any([signal, this.#interruption.signal]);
    const interruptWhenShort = (): void => {
      if (this.#context.meter.isTimeShort) this.#interruption.abort();
    };
    await together(
      paths,
      work,
      {
        takeEvent: async (event) => {
          await events.push(event);
          interruptWhenShort();
        },
        takeResult: () => {
          interruptWhenShort();
          return Promise.resolve();
        },
      },
      ended,
    );
  }

  /** Tokens that each of `count` steps may take, and what bounds them. */
  #stepRoom(count: number): { readonly tokens: number; readonly bound: 'budget' | 'context' } {
    const { meter, model, promptTokens } = this.#context;
    const all = meter.budget.generatedTokens;
    const unspent = all === null ? Infinity : meter.unreservedTokens - Math.ceil(all * answerPart);
    const cells = Math.floor((model.info.contextTokens - promptTokens.length) * (1 - answerPart));
    const free = cells - treeTokens([...this.#open].map(({ last }) => last));
    const tokens = Math.floor(Math.min(unspent, free, longestStepTokens * count) / count);
    return { tokens, bound: unspent < free ? 'budget' : 'context' };
  }
}
