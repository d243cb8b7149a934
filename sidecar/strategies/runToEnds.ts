import type { SearchEvent } from '../../protocol/traceEvent.ts';
import { consensusReason, waveSize } from '../selection/consensus.ts';
import type { CandidateRun } from './candidateRun.ts';
import type { CandidateOutcome } from './candidateStages.ts';
import { confidenceFloor, isBelow, warmUpCount, type ConfidenceFloor } from './confidenceFloor.ts';
import { merge } from './merge.ts';
import { ballotsOf, discard } from './selectAnswer.ts';
import type { SteerAction } from './steering.ts';
import type { StrategyContext } from './strategy.ts';

/**
 * Runs candidates to their ends, and prunes those that still run as soon as they cannot change what the selector decides.
 * They run all at once, or in waves. With a vote that a likely lead ends, a wave has as many as could make one. With
 * confidence pruning the first few are a warm-up, and the rest run each only for as long as the model is as sure of it as
 * it was of those (DeepConf, arXiv 2508.15260). Those that wait never open where the vote is decided, the user asks for
 * the answer, or the budget is used up by then. Tokens of pruned ones are booked as discarded.
 */
export async function* runToEnds(
  context: StrategyContext,
  candidates: readonly CandidateRun[],
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, readonly CandidateOutcome[], void> {
  const { earlyStopping, steering, meter } = context;
  const outcomes: CandidateOutcome[] = [];
  const wishes = new Set<SteerAction>();
  const unlisten = steering.listen((action) => {
    wishes.add(action);
    return false;
  });
  let floor: ConfidenceFloor | null = null;
  let waiting = candidates;
  try {
    while (waiting.length > 0) {
      const isWarmUp = waiting === candidates && earlyStopping.confidencePruning !== 'off';
      const size = isWarmUp ? warmUpCount(candidates.length) : nextWaveSize(context, outcomes, waiting);
      const wave = waiting.slice(0, size);
      waiting = waiting.slice(size);
      const isDecided = yield* runWave(context, wave, { outcomes, waiting: waiting.length, floor, signal });
      const isOver = signal.aborted || steering.stopSignal.aborted || meter.exhausted() !== null;
      if (isDecided || isOver || wishes.has('answerNow')) break;
      if (isWarmUp && waiting.length > 0) floor = yield* floorBy(context, wave, outcomes);
    }
    return outcomes;
  } finally {
    unlisten();
  }
}

function nextWaveSize(
  { selector, earlyStopping: { consensus } }: StrategyContext,
  outcomes: readonly CandidateOutcome[],
  waiting: readonly CandidateRun[],
): number {
  return waveSize(selector, ballotsOf(outcomes), { waiting: waiting.length, consensus });
}

/** What the warm-ups that came to their own ends ask of the others; null where they are too few to say. */
function* floorBy(
  { earlyStopping }: StrategyContext,
  warmUps: readonly CandidateRun[],
  outcomes: readonly CandidateOutcome[],
): Generator<SearchEvent, ConfidenceFloor | null, void> {
  const whole = outcomes.filter(({ end }) => end === 'finished');
  const floor = confidenceFloor(
    warmUps.filter(({ id }) => whole.some((outcome) => outcome.id === id)).map((run) => run.confidences),
    earlyStopping.confidencePruning,
  );
  if (floor === null) return null;
  const why =
    `${whole.length} candidates have come to their ends. ` +
    `The others end where they are less sure than ${text(floor.leastConfidence)} over ${floor.windowTokens} tokens.`;
  yield { type: 'decision/made', kind: 'confidenceFloorSet', candidateId: null, why };
  return floor;
}

interface Wave {
  /** Of all waves; this one's are added as they end. */
  readonly outcomes: CandidateOutcome[];
  /** Candidates that are to run behind this wave. */
  readonly waiting: number;
  readonly floor: ConfidenceFloor | null;
  readonly signal: AbortSignal;
}

/** Returns whether the vote is decided, whatever those that wait would say. */
async function* runWave(
  context: StrategyContext,
  candidates: readonly CandidateRun[],
  { outcomes, waiting, floor, signal }: Wave,
): AsyncGenerator<SearchEvent, boolean, void> {
  const abandonment = new AbortController();
  const ended = AbortSignal.any([signal, abandonment.signal]);
  const running = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  let isDecided = false;
  const runs = candidates.map((candidate) => candidate.finish(ended));
  for await (const item of merge(runs, () => {
    abandonment.abort();
  })) {
    if (item.type === 'value') {
      yield item.value;
      if (floor !== null && !isDecided) yield* pruneUnsure(running, item.value, floor);
      continue;
    }
    const outcome = item.result;
    outcomes.push(outcome);
    running.delete(outcome.id);
    if (outcome.end === 'pruned') discard(context, outcome);
    const undecided = running.size + waiting;
    if (isDecided || undecided === 0) continue;
    const { consensus } = context.earlyStopping;
    const reason = consensusReason(context.selector, ballotsOf(outcomes), { undecided, consensus });
    if (reason === null) continue;
    isDecided = true;
    yield* pruneAll([...running.values()], waiting, reason);
  }
  return isDecided;
}

/** The candidate of the event, when its thought has come below the floor by it. */
function* pruneUnsure(
  running: ReadonlyMap<number, CandidateRun>,
  event: SearchEvent,
  floor: ConfidenceFloor,
): Generator<SearchEvent, void, void> {
  if (event.type !== 'tokens/appended' || event.purpose !== 'thought') return;
  const candidate = running.get(event.candidateId);
  if (candidate === undefined || !isBelow(candidate.confidences, event.tokens.ids.length, floor)) return;
  if (!candidate.prune()) return;
  const why = `Less sure than ${text(floor.leastConfidence)} over ${floor.windowTokens} tokens.`;
  yield { type: 'decision/made', kind: 'candidatePruned', candidateId: candidate.id, why };
}

function* pruneAll(
  running: readonly CandidateRun[],
  waiting: number,
  reason: string,
): Generator<SearchEvent, void, void> {
  // One that has ended meanwhile is not pruned: its closing event is on its way.
  const pruned = running.filter((candidate) => candidate.prune());
  if (pruned.length + waiting === 0) return;
  const why = `The ${pruned.length + waiting} still running ${waiting === 0 ? '' : 'or waiting '}${reason}.`;
  yield { type: 'decision/made', kind: 'consensusReached', candidateId: null, why };
  for (const { id } of pruned) {
    const why = 'The vote is decided without it.';
    yield { type: 'decision/made', kind: 'candidatePruned', candidateId: id, why };
  }
}

function text(confidence: number): string {
  return confidence.toFixed(2);
}
