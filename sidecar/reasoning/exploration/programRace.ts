import { counted } from '../../../protocol/counted.ts';
import type { CandidateId, SearchEvent, StopReason } from '../../../protocol/traceEvent.ts';
import type { EventSink, RunScope } from '../../request/eventChannel.ts';
import { together } from '../../request/together.ts';
import type { CandidateRun } from '../candidates/candidateRun.ts';
import type { CandidateOutcome } from '../candidates/candidateStages.ts';
import type { StrategyContext } from '../context/strategy.ts';
import { ProgramTrials } from '../selection/programTrials.ts';
import { reasonOf } from './exploration.ts';
import type { Ballot } from '../selection/selector.ts';
import { openRepair } from './repairCandidate.ts';
import { ballotsOf, discard, selectAnswer } from './selectAnswer.ts';

/**
 * How many times as long as the shortest program that has ended the first one may get before others are tested without it.
 * Our choice: one that repeats itself up to its cap must not keep all others waiting.
 */
const patience = 2;

/**
 * Writes programs side by side, the first of which is greedy. Each is parsed and tested as it ends, the greedy one first, and
 * the first that passes ends the rest. With `consensus` off, and where the test passes without any of them, all run to their
 * ends, and those that pass vote. Where none passes, the best is repaired once. A test holds the other candidates up, so the same
 * seed gives the same log.
 */
export async function raceAndRepair(
  context: StrategyContext,
  candidates: readonly CandidateRun[],
  scope: RunScope,
): Promise<StopReason> {
  const { signal } = scope;
  const race = new ProgramRace(context, candidates, signal);
  const unlisten = context.steering.listen((action) => action === 'answerNow' && race.answerNow());
  try {
    await race.run(scope);
    await race.repair(scope);
    if (signal.aborted) return 'cancelled';
    const outcomes = [...race.outcomes].sort((a, b) => a.id - b.id);
    const selector = race.trials.selector(context.selector);
    const isAnswered = await selectAnswer({ ...context, selector }, outcomes, scope);
    return reasonOf(isAnswered, context, signal);
  } finally {
    unlisten();
  }
}

class ProgramRace {
  readonly trials: ProgramTrials;
  readonly outcomes: CandidateOutcome[] = [];
  readonly #context: StrategyContext;
  readonly #candidates: readonly CandidateRun[];
  readonly #running: Map<CandidateId, CandidateRun>;
  readonly #signal: AbortSignal;
  /** Aborted when the user asks for the answer. */
  readonly #hurry = new AbortController();
  /** Aborts a test that runs when nothing more may be tested. */
  readonly #ended: AbortSignal;
  /** Whether a program that passes the test is right by that; null until the first is about to be tested. */
  #isProof: boolean | null = null;
  #hasSaidHurry = false;
  #passed: CandidateId | null = null;
  #firstTokens = 0;

  constructor(context: StrategyContext, candidates: readonly CandidateRun[], signal: AbortSignal) {
    const { steering, meter } = context;
    this.#context = context;
    this.#candidates = candidates;
    this.#running = new Map(candidates.map((candidate) => [candidate.id, candidate]));
    this.#signal = signal;
    this.#ended = AbortSignal.any([signal, steering.stopSignal, meter.outOfTime, this.#hurry.signal]);
    this.trials = new ProgramTrials(context, { isOver: () => this.#isOver(), ended: this.#ended });
  }

  /** Ends what is not needed for an answer. Returns false where that was done before. */
  answerNow(): boolean {
    if (this.#hurry.signal.aborted) return false;
    this.#hurry.abort();
    const hasProgram = this.outcomes.some(({ end }) => end === 'finished');
    const [kept, ...others] = this.#running.values();
    for (const candidate of hasProgram && kept !== undefined ? [kept, ...others] : others) candidate.prune();
    return true;
  }

  /** Runs all candidates to their ends, or to the first that passes. */
  async run({ events, signal }: RunScope): Promise<void> {
    await together(
      this.#candidates,
      (candidate, scope: RunScope) => candidate.finish(scope),
      {
        takeEvent: async (event) => {
          await this.#take(event, events);
          if (this.#outgrows(event)) await this.#tryEnded({ events, signal });
        },
        takeResult: async (outcome) => {
          this.#end(outcome);
          await this.#tryEnded({ events, signal });
        },
      },
      signal,
    );
    if (signal.aborted || this.#passed !== null) return;
    await this.#sayHurry(events);
    const ballots = ballotsOf(this.outcomes);
    const includesBroken = await this.#proves(ballots, events);
    const rules = { includesBroken, untilPass: includesBroken && this.#stopsAtPass };
    const passed = await this.trials.try(ballots, rules, { events, signal });
    this.#passed = passed?.group.votes[0].candidateId ?? null;
  }

  /** Has the best program written anew where none passed, with what was said against it, and tries what comes. */
  async repair(scope: RunScope): Promise<void> {
    const { options } = this.#context;
    if (!options.repair || this.#passed !== null || this.#isOver()) return;
    const [best] = this.trials.ranked(ballotsOf(this.outcomes));
    if (best === undefined || best.failure === null) return;
    const id = Math.max(...this.#candidates.map((candidate) => candidate.id)) + 1;
    const { events, signal } = scope;
    const candidate = await openRepair(
      this.#context,
      { id, repairs: best.group.votes[0].candidateId, program: { ...best.code, failure: best.failure } },
      scope,
    );
    if (candidate === null) return;
    try {
      this.#running.set(id, candidate);
      if (this.#hurry.signal.aborted) candidate.prune();
      const push = (event: SearchEvent): Promise<void> => this.#take(event, events);
      this.#end(await candidate.finish({ events: { push }, signal }));
    } finally {
      await candidate.dispose();
    }
    await this.#sayHurry(events);
    const ballots = ballotsOf(this.outcomes);
    const rules = { includesBroken: await this.#proves(ballots, events), untilPass: true };
    await this.trials.try(ballots, rules, scope);
  }

  async #take(event: SearchEvent, events: EventSink): Promise<void> {
    await this.#sayHurry(events);
    await events.push(event);
  }

  #end(outcome: CandidateOutcome): void {
    this.outcomes.push(outcome);
    this.#running.delete(outcome.id);
    if (outcome.end === 'pruned') discard(this.#context, outcome);
  }

  /** Tries what has ended by itself so far; what passes ends the rest. */
  async #tryEnded(scope: RunScope): Promise<void> {
    const ballots = ballotsOf(this.outcomes);
    if (!this.#stopsAtPass || this.#passed !== null || this.#isOver() || this.#awaitsFirst()) return;
    if (!(await this.#proves(ballots, scope.events))) return;
    const passed = await this.trials.try(ballots, { includesBroken: false, untilPass: true }, scope);
    if (passed === null) return;
    const [{ candidateId }] = passed.group.votes;
    this.#passed = candidateId;
    await this.#endOthers(candidateId, scope.events);
  }

  /** Whether the first that passes ends the rest, where the test proves something: not where those that pass are to vote. */
  get #stopsAtPass(): boolean {
    const { verifier, options } = this.#context;
    return verifier !== null && options.earlyStopping.consensus !== 'off';
  }

  /**
   * Whether a program that passes is right by that: not where the test passes without any of them. The log says so then. Such a test
   * is not asked of what does not parse.
   */
  async #proves(ballots: readonly Ballot[], events: EventSink): Promise<boolean> {
    if (this.#isProof === null && !this.#isOver() && this.trials.ranked(ballots).length > 0)
      this.#isProof = await this.#findProof(events);
    return this.#isProof ?? true;
  }

  async #findProof(events: EventSink): Promise<boolean> {
    const { verifier } = this.#context;
    if ((await verifier?.passesWithout?.(this.#ended)) !== true) return true;
    const [what, next] = [
      `"${verifier?.command}" passes without any program, so passing it proves none right`,
      this.#candidates.length > 1 ? ': all are written, and those that pass vote' : '',
    ];
    await events.push({
      type: 'decision/made',
      kind: 'testPassesWithout',
      candidateId: null,
      why: `${what}${next}.`,
    });
    return false;
  }

  async #endOthers(passed: CandidateId, events: EventSink): Promise<void> {
    // One that has ended meanwhile is not pruned: its closing event is on its way.
    const pruned = [...this.#running.values()].filter((candidate) => candidate.prune());
    if (pruned.length === 0) return;
    const rest = counted(pruned.length, 'program');
    const why = `Candidate ${passed + 1} passes the test, so what is still being written ends: ${rest}.`;
    await events.push({ type: 'decision/made', kind: 'testPassed', candidateId: passed, why });
    for (const { id } of pruned) {
      const why = `Candidate ${passed + 1} passes the test.`;
      await events.push({ type: 'decision/made', kind: 'candidatePruned', candidateId: id, why });
    }
  }

  /** Whether programs that have ended wait for the first, which is tested before them. */
  #awaitsFirst(): boolean {
    const [first] = this.#candidates;
    if (first === undefined || !this.#running.has(first.id)) return false;
    const lengths = ballotsOf(this.outcomes).map(({ length }) => length);
    return this.#firstTokens <= patience * Math.min(...lengths);
  }

  /** Counts the tokens of the first candidate. Returns whether others have waited long enough for it by this event. */
  #outgrows(event: SearchEvent): boolean {
    const [first] = this.#candidates;
    if (event.type !== 'tokens/appended' || event.candidateId !== first?.id) return false;
    this.#firstTokens += event.tokens.ids.length;
    return ballotsOf(this.outcomes).length > 0 && !this.#awaitsFirst();
  }

  /** Whether nothing more may be tested or begun. */
  #isOver(): boolean {
    const { steering, meter } = this.#context;
    const isStopped = this.#signal.aborted || steering.stopSignal.aborted || this.#hurry.signal.aborted;
    return isStopped || meter.outOfTime.aborted || meter.exhausted() === 'durationMs';
  }

  async #sayHurry(events: EventSink): Promise<void> {
    if (this.#hasSaidHurry || !this.#hurry.signal.aborted) return;
    this.#hasSaidHurry = true;
    const why =
      'You asked for the answer: what is written by now decides, and nothing more is tested or repaired.';
    await events.push({ type: 'decision/made', kind: 'answerNow', candidateId: null, why });
  }
}
