import type { CandidateId, SamplerSettings, StopReason } from '../../../protocol/traceEvent.ts';
import type { Sequence } from '../../engine/engine.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import { readPrompt, stoppedBefore } from '../../request/readPrompt.ts';
import { answerReaderFor } from '../answers/answerReader.ts';
import type { CandidateHiddenState } from '../candidates/candidateDecoder.ts';
import { candidateLimits, type CandidateLimits } from '../candidates/candidateLimits.ts';
import { CandidateRun } from '../candidates/candidateRun.ts';
import type { CandidateForm } from '../candidates/candidateStages.ts';
import { writesInParts } from '../context/fitCapabilities.ts';
import { present } from '../../validation/fieldReader.ts';
import type { StrategyContext } from '../context/strategy.ts';
import { runToEnds } from './runToEnds.ts';
import { selectAnswer } from './selectAnswer.ts';

/** How candidates of one strategy are made. */
export interface CandidatePlan {
  readonly form: CandidateForm;
  readonly candidateCount: number;
  readonly sampler: SamplerSettings;
  /** Samplers of candidates beside the first, by their place after it, 1 and on; the same unless given. */
  readonly siblingSampler?: (place: number) => SamplerSettings;
  /** Runs them and has one selected; to their ends and by the request's selector unless given. The caller disposes them. */
  readonly settle?: Settling;
}

type Settling = (
  context: StrategyContext,
  candidates: readonly CandidateRun[],
  scope: RunScope,
) => Promise<StopReason>;

/**
 * A strategy whose candidates all start from the prompt: reads it once, forks it, and explores what comes. The first
 * candidate may be open already.
 */
export async function explorePrompt(
  context: StrategyContext,
  plan: CandidatePlan,
  scope: RunScope,
): Promise<StopReason> {
  const { firstCandidate, options, firstCandidateId } = context;
  if (firstCandidate !== null) {
    const { sampler } = plan;
    const form = formOf(plan, context);
    const { thoughtTokens, answerTokens } = firstCandidate.beginning;
    const limits = limitsOf(context, plan, thoughtTokens + answerTokens);
    firstCandidate.adopt({ form, sampler, options, limits, markers: context.thought.markers });
    return exploreFrom(context, plan, { first: firstCandidate, scope });
  }
  const sequence = await readPrompt(context, scope);
  if (sequence === null) return stoppedBefore(context, scope.signal);
  const first = openCandidate(context, plan, { place: 0, id: firstCandidateId, sequence });
  return exploreFrom(context, plan, { first, scope });
}

/** How a candidate is written: as one text where the engine cannot go on from what it has written. */
function formOf({ form }: CandidatePlan, { model }: StrategyContext): CandidateForm {
  return writesInParts(model.info.capabilities) ? form : 'direct';
}

/** A candidate over a sequence that holds the prompt, with its share of what budget and context leave. */
export function openCandidate(
  context: StrategyContext,
  plan: CandidatePlan,
  {
    place,
    id,
    sequence,
    repairs,
  }: {
    /** Among the strategy's own candidates. */
    readonly place: number;
    readonly id: CandidateId;
    readonly sequence: Sequence;
    /** As in the log. */
    readonly repairs?: CandidateId;
  },
): CandidateRun {
  const { model, seed, meter, steering, options, values, thought } = context;
  const { markers } = thought;
  const form = formOf(plan, context);
  const sampler = (place > 0 ? plan.siblingSampler?.(place) : undefined) ?? plan.sampler;
  const limits = limitsOf(context, plan);
  const reader = answerReaderFor(context.question, thought);
  const isEnough = writesInParts(model.info.capabilities) ? context.isEnough : undefined;
  const rules = { form, sampler, limits, options, markers, ...present({ isEnough }) };
  const reading =
    values === null
      ? {}
      : {
          values,
          onHiddenState: (read: CandidateHiddenState): void => {
            values.read(id, read);
          },
        };
  const origin = { id, sequence, ...(repairs !== undefined && { repairs }) };
  return new CandidateRun({ model, seed, reader, meter, steering, ...rules, ...reading, ...origin });
}

/**
 * Each candidate's share of what budget and context leave. One that is open already is bounded by all that it writes, so
 * the tokens that it has `written` by then count among what is left.
 */
export function limitsOf(
  { meter, model, promptTokens, sequenceOptions }: StrategyContext,
  { candidateCount }: Pick<CandidatePlan, 'candidateCount'>,
  written = 0,
): CandidateLimits {
  return candidateLimits(meter.budget, {
    candidateCount,
    unspentTokens: meter.unreservedTokens + written,
    contextTokens: model.info.contextTokens,
    promptTokens: promptTokens.length,
    shiftsContext: sequenceOptions.shiftsContext === true,
  });
}

/**
 * Runs the first candidate and its siblings to their ends, then selects: see `runToEnds`. Siblings share the prompt's
 * cells with the first, whatever it has generated already. Tokens of candidates that were not selected are booked as
 * discarded.
 */
async function exploreFrom(
  context: StrategyContext,
  plan: CandidatePlan,
  { first, scope }: { readonly first: CandidateRun; readonly scope: RunScope },
): Promise<StopReason> {
  const { signal } = scope;
  const candidates = [first];
  try {
    candidates.push(...(await forkSiblings(context, plan, { first, signal })));
    return await (plan.settle ?? runThenSelect)(context, candidates, scope);
  } finally {
    await Promise.all(candidates.map((candidate) => candidate.dispose()));
  }
}

async function runThenSelect(
  context: StrategyContext,
  candidates: readonly CandidateRun[],
  scope: RunScope,
): Promise<StopReason> {
  const { signal } = scope;
  const ended = await runToEnds(context, candidates, scope);
  if (signal.aborted) return 'cancelled';
  const outcomes = [...ended].sort((a, b) => a.id - b.id);
  const isAnswered = await selectAnswer(context, outcomes, scope);
  return reasonOf(isAnswered, context, signal);
}

/** Why a request ended that came to a selection. */
export function reasonOf(
  isAnswered: boolean,
  { steering }: Pick<StrategyContext, 'steering'>,
  signal: AbortSignal,
): StopReason {
  if (signal.aborted) return 'cancelled';
  if (steering.stopSignal.aborted) return 'stoppedByUser';
  return isAnswered ? 'answered' : 'budgetExhausted';
}

async function forkSiblings(
  context: StrategyContext,
  plan: CandidatePlan,
  { first, signal }: { readonly first: CandidateRun; readonly signal: AbortSignal },
): Promise<readonly CandidateRun[]> {
  // A first candidate that shifted its context has no whole prompt left to share.
  if (plan.candidateCount <= 1 || first.hasShifted) return [];
  const sequences = await first.sequence.fork(plan.candidateCount - 1, signal);
  const promptLength = context.promptTokens.length;
  return Promise.all(
    sequences.map(async (sequence, index) => {
      if (sequence.length > promptLength) await sequence.truncate(promptLength);
      const place = index + 1;
      return openCandidate(context, plan, { place, id: first.id + place, sequence });
    }),
  );
}
