import type { DecisionKind } from '../../../protocol/traceEvent.ts';
import type { CandidateOutcome } from '../candidates/candidateStages.ts';
import type { StrategyContext } from '../context/strategy.ts';
import {
  type Allocation,
  allocate,
  type AllocationRules,
  type ValuedCandidate,
} from '../value/allocation.ts';

type ValueContext = Pick<StrategyContext, 'selector' | 'values' | 'valueRules' | 'options'>;

/** Why candidates that run or wait need not come to their ends. */
export interface VoteStop {
  readonly kind: Extract<DecisionKind, 'consensusReached' | 'settledByValue' | 'hopelessByValue'>;
  /** Ends a sentence about them. */
  readonly reason: string;
}

/**
 * Rules by which candidates are sampled one after another for as long as their values say that more are worth it; null where
 * the selector does not vote by values, no head is asked, or a likely lead ends no vote.
 */
export function allocationRules({
  selector,
  values,
  valueRules = null,
  options,
}: ValueContext): AllocationRules | null {
  const isAllocated = selector.stopsByValue === true && options.earlyStopping.consensus === 'likely';
  return isAllocated && values !== null ? valueRules : null;
}

/** Why the values of those that ended make the `undecided` ones superfluous; null where they do not. Pure. */
export function valueStop(
  outcomes: readonly CandidateOutcome[],
  undecided: number,
  rules: AllocationRules,
): VoteStop | null {
  const ended = outcomes.map(valued);
  const known = ended.filter((one) => one !== null);
  return known.length === ended.length ? stopOf(allocate(known, undecided, rules)) : null;
}

/** One that was cut off or has no answer will not be right; null where there is an answer and the head gave it no value. */
function valued({
  end,
  answer,
  value,
  thoughtTokens,
  answerTokens,
}: CandidateOutcome): ValuedCandidate | null {
  const tokens = thoughtTokens + answerTokens;
  if (end !== 'finished' || answer === null) return { answer: null, value: 0, tokens };
  return value === null || value === undefined ? null : { answer, value, tokens };
}

function stopOf(allocation: Allocation): VoteStop | null {
  switch (allocation.type) {
    case 'settled': {
      const { probability } = allocation.lead;
      const reason = `can be left out: by its values the leading answer is right with a probability of ${percent(probability)}`;
      return { kind: 'settledByValue', reason };
    }
    case 'hopeless': {
      const reason = `can be left out: by their values there is a ${percent(allocation.chance)} chance that more would help`;
      return { kind: 'hopelessByValue', reason };
    }
    case 'again':
      return null;
  }
}

function percent(probability: number): string {
  return `${Math.round(100 * probability)} %`;
}
