import { changeOptions, optionsTakenBy } from '../../../protocol/reasoningOptions.ts';
import { hasVote, takesParameter } from '../../../protocol/strategyTable.ts';
import type { ChosenParameters, SearchEvent } from '../../../protocol/traceEvent.ts';
import type { Judgement } from '../../request/difficultyEstimator.ts';
import type { Strategy, StrategyContext } from '../context/strategy.ts';
import { type DifficultyPlan, fixedByUser } from '../difficulty/difficultyPlan.ts';
import { selectorIdOf } from '../exploration/selectorIdOf.ts';
import { createSelector } from '../selection/createSelector.ts';
import { fitCapabilities, fitThinkLevel } from '../context/fitCapabilities.ts';
import { chosenStrategy } from './chosenStrategy.ts';

/** What a plan says of a strategy, as it runs and as the log has it. */
export interface InForce {
  readonly strategy: Strategy;
  readonly context: StrategyContext;
  readonly parameters: ChosenParameters;
  /** What the engine does otherwise, as `fitCapabilities` says it. */
  readonly replacements: readonly string[];
}

/** The context with what a plan says of a strategy, as far as the engine can do it, and the same for the log. */
export function applyPlan(context: StrategyContext, plan: DifficultyPlan): InForce {
  const fitted = fitCapabilities(
    {
      strategy: plan.strategy,
      selectorFor: (id) => plan.selector ?? selectorIdOf(chosenStrategy(id)),
      candidateCount: plan.candidates,
      options: changeOptions(context.options, plan),
      isReproducible: false,
    },
    context.model.info.capabilities,
  );
  const strategy = chosenStrategy(fitted.strategy);
  const { id } = strategy;
  const candidates = takesParameter(id, 'candidates') ? plan.candidates : 1;
  const selector = createSelector(fitted.selector);
  const planned = fitted.options;
  const taken = optionsTakenBy(id, planned);
  const { think: wanted, ...shown } = taken;
  const { think, why } =
    context.difficulty.fixed.think === undefined
      ? fitThinkLevel(wanted, context.model.info.capabilities)
      : { think: wanted, why: [] };
  const options = { ...planned, ...taken, think, stepSearch: planned.stepSearch };
  const sampler = { ...context.sampler, temperature: plan.temperature };
  return {
    strategy,
    replacements: [...fitted.replacements, ...why],
    context: { ...context, candidateCount: candidates, selector, options, sampler },
    parameters: {
      candidates,
      selector: hasVote(id) ? selector.id : null,
      ...shown,
      ...(think !== 'auto' && { think }),
    },
  };
}

/** What the log says of a judgement and of what follows from it. */
export function decidedEvent(
  context: StrategyContext,
  {
    estimate,
    plan: { temperature, budget },
    decided: {
      strategy: { id: strategy },
      parameters,
    },
  }: {
    readonly estimate: Judgement;
    readonly plan: DifficultyPlan;
    readonly decided: Pick<InForce, 'strategy' | 'parameters'>;
  },
): SearchEvent {
  const { whyDirect, isAdaptive, offers, fixed } = context.difficulty;
  return {
    type: 'difficulty/decided',
    ...estimate,
    why: [...(whyDirect === null ? [] : [whyDirect]), estimate.why].join(' '),
    strategy,
    temperature,
    budget,
    parameters,
    isAdaptive,
    ...(offers.length > 0 && { offers }),
    fixedByUser: fixedByUser(fixed, {
      strategy,
      isDifficultyFixed: estimate.source === 'override',
    }),
  };
}
