import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import type { EventSink, RunScope } from '../../request/eventChannel.ts';
import { together } from '../../request/together.ts';
import type { CandidateRun } from '../candidates/candidateRun.ts';
import type { CandidateOutcome } from '../candidates/candidateStages.ts';
import type { StrategyContext } from '../context/strategy.ts';
import { consensusReason, waveSize } from '../selection/consensus.ts';
import { confidenceFloor, type ConfidenceFloor, isBelow, warmUpCount } from './confidenceFloor.ts';
import { ballotsOf, discard } from './selectAnswer.ts';
import { allocationRules, valueStop, type VoteStop } from './valueStop.ts';

/**
 * Runs candidates to their ends, and prunes those that still run as soon as they cannot change what the selector decides.
 * They run all at once, or in waves. With a vote that a likely lead ends, a wave has as many as could make one; with a vote by
 * values it has one. Where the time is bounded there are no waves. With confidence pruning the first few are a warm-up, and the rest
 * run each only for as long as the model is as sure of it as it was of those (DeepConf, arXiv 2508.15260). Those that wait never open
 * where the vote is decided, the user asks for the answer, or the budget is used up by then. Tokens of pruned ones are booked as
 * discarded.
 */
export async function runToEnds(
  context: StrategyContext,
  candidates: readonly CandidateRun[],
  scope: RunScope,
): Promise<readonly CandidateOutcome[]> {
  const { events, signal } = scope;
  const { options, steering } = context;
  const outcomes: CandidateOutcome[] = [];
  let floor: ConfidenceFloor | null = null;
  let waiting = candidates;
  let isAnswerWanted = false;
  const unlisten = steering.listen((action) => {
    if (action !== 'answerNow' || waiting.length === 0) return false;
    isAnswerWanted = true;
    return true;
  });
  try {
    while (waiting.length > 0) {
      const isWarmUp = waiting === candidates && options.earlyStopping.confidencePruning !== 'off';
      const size = isWarmUp ? warmUpCount(candidates.length) : nextWaveSize(context, outcomes, waiting);
      const wave = waiting.slice(0, size);
      waiting = waiting.slice(size);
      if (waiting.length > 0) await events.push(candidatesWait(wave.length, waiting.length));
      const isDecided = await runWave(context, wave, { outcomes, waiting: waiting.length, floor, scope });
      if (isDecided || waiting.length === 0) break;
      const why = whyOver(context, isAnswerWanted, signal);
      if (why !== null) {
        await events.push(candidatesLeftOut(waiting.length, why));
        break;
      }
      if (isWarmUp) floor = await floorBy(context, { warmUps: wave, outcomes }, events);
    }
    return outcomes;
  } finally {
    unlisten();
    // What decides comes next, and may need their cells.
    await Promise.all(waiting.map((candidate) => candidate.dispose()));
  }
}

function nextWaveSize(
  context: StrategyContext,
  outcomes: readonly CandidateOutcome[],
  waiting: readonly CandidateRun[],
): number {
  const { selector, meter, options } = context;
  const { earlyStopping } = options;
  // Waves take longer, and those of the last would be hurried by the time.
  if (meter.budget.durationMs !== null) return waiting.length;
  if (allocationRules(context) !== null) return 1;
  const counts = { ended: outcomes.length, waiting: waiting.length };
  return waveSize(selector, ballotsOf(outcomes), { ...counts, consensus: earlyStopping.consensus });
}

/** Why candidates that wait need not begin any more, to end a sentence; null where they may. */
function whyOver(
  { steering, meter }: Pick<StrategyContext, 'steering' | 'meter'>,
  isAnswerWanted: boolean,
  signal: AbortSignal,
): string | null {
  if (signal.aborted) return 'the request was cancelled';
  if (steering.stopSignal.aborted) return 'you stopped the request';
  if (isAnswerWanted) return 'you asked for the answer';
  if (meter.isTimeShort) return 'the time is nearly used up';
  return meter.exhausted() === null ? null : 'the budget is used up';
}

function candidatesWait(begin: number, waiting: number): SearchEvent {
  const why = `${counted(begin, 'candidate begins', 'candidates begin')}, ${waiting} more may follow.`;
  return { type: 'decision/made', kind: 'candidatesWait', candidateId: null, why };
}

function candidatesLeftOut(waiting: number, reason: string): SearchEvent {
  const why = `${counted(waiting, 'candidate that waited does', 'candidates that waited do')} not begin: ${reason}.`;
  return { type: 'decision/made', kind: 'candidatesLeftOut', candidateId: null, why };
}

/** What the warm-ups that came to their own ends ask of the others; null where they are too few to say. */
async function floorBy(
  { options }: StrategyContext,
  {
    warmUps,
    outcomes,
  }: { readonly warmUps: readonly CandidateRun[]; readonly outcomes: readonly CandidateOutcome[] },
  events: EventSink,
): Promise<ConfidenceFloor | null> {
  const whole = outcomes.filter(({ end }) => end === 'finished');
  const floor = confidenceFloor(
    warmUps.filter(({ id }) => whole.some((outcome) => outcome.id === id)).map((run) => run.confidences),
    options.earlyStopping.confidencePruning,
  );
  if (floor === null) return null;
  const why =
    `${whole.length} candidates have come to their ends. ` +
    `The others end where they are less sure than ${text(floor.leastConfidence)} over ${floor.windowTokens} tokens.`;
  await events.push({ type: 'decision/made', kind: 'confidenceFloorSet', candidateId: null, why });
  return floor;
}

interface Wave {
  /** Outcomes of all waves; this one's are added as they end. */
  readonly outcomes: CandidateOutcome[];
  /** Candidates that are to run behind this wave. */
  readonly waiting: number;
  readonly floor: ConfidenceFloor | null;
  readonly scope: RunScope;
}

/** Returns whether the vote is decided, whatever those that wait would say. */
async function runWave(
  context: StrategyContext,
  candidates: readonly CandidateRun[],
  { outcomes, waiting, floor, scope: { events, signal } }: Wave,
): Promise<boolean> {
  const running = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  let isDecided = false;
  const takeEvent = async (event: SearchEvent): Promise<void> => {
    await events.push(event);
    if (floor !== null && !isDecided) await pruneUnsure(running, { event, floor }, events);
  };
  const takeResult = async (outcome: CandidateOutcome): Promise<void> => {
    outcomes.push(outcome);
    running.delete(outcome.id);
    if (outcome.end === 'pruned') discard(context, outcome);
    const undecided = running.size + waiting;
    if (isDecided || undecided === 0) return;
    const stop = voteStop(context, outcomes, undecided);
    if (stop === null) return;
    isDecided = true;
    await pruneAll([...running.values()], { waiting, stop }, events);
  };
  await together(
    candidates,
    (candidate, scope: RunScope) => candidate.finish(scope),
    { takeEvent, takeResult },
    signal,
  );
  return isDecided;
}

/** The candidate of the event, when its thought has come below the floor by it. */
async function pruneUnsure(
  running: ReadonlyMap<number, CandidateRun>,
  { event, floor }: { readonly event: SearchEvent; readonly floor: ConfidenceFloor },
  events: EventSink,
): Promise<void> {
  if (event.type !== 'tokens/appended' || event.purpose !== 'thought') return;
  const candidate = running.get(event.candidateId);
  if (candidate === undefined || !isBelow(candidate.confidences, event.tokens.ids.length, floor)) return;
  if (!candidate.prune()) return;
  const why = `Less sure than ${text(floor.leastConfidence)} over ${floor.windowTokens} tokens.`;
  await events.push({ type: 'decision/made', kind: 'candidatePruned', candidateId: candidate.id, why });
}

/** Null where those that run or wait, so many in all, must come to their ends. */
function voteStop(
  context: StrategyContext,
  outcomes: readonly CandidateOutcome[],
  undecided: number,
): VoteStop | null {
  const rules = allocationRules(context);
  if (rules !== null) return valueStop(outcomes, undecided, rules);
  const { consensus } = context.options.earlyStopping;
  const reason = consensusReason(context.selector, ballotsOf(outcomes), { undecided, consensus });
  return reason === null ? null : { kind: 'consensusReached', reason };
}

async function pruneAll(
  running: readonly CandidateRun[],
  { waiting, stop }: { readonly waiting: number; readonly stop: VoteStop },
  events: EventSink,
): Promise<void> {
  // One that has ended meanwhile is not pruned: its closing event is on its way.
  const pruned = running.filter((candidate) => candidate.prune());
  if (pruned.length + waiting === 0) return;
  const others = [
    ...(pruned.length === 0 ? [] : [`${pruned.length} still running`]),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
  ].join(' and ');
  const why = `The ${others} ${stop.reason}.`;
  await events.push({ type: 'decision/made', kind: stop.kind, candidateId: null, why });
  for (const { id } of pruned) {
    const why = 'The vote is decided without it.';
    await events.push({ type: 'decision/made', kind: 'candidatePruned', candidateId: id, why });
  }
}

function text(confidence: number): string {
  return confidence.toFixed(2);
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
