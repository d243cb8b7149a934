import { assertNever } from '../../../protocol/assertNever.ts';
import type { EngineNeed } from '../../../protocol/engineNeed.ts';
import type { ReasoningOptions } from '../../../protocol/reasoningOptions.ts';
import { type SelectorId, selectorNeeds, selectorWords } from '../../../protocol/selectorTable.ts';
import {
  hasVote,
  isDirect,
  type StrategyId,
  strategyName,
  strategyNeeds,
  takesParameter,
} from '../../../protocol/strategyTable.ts';
import { type ThinkChoice, thinkLevels } from '../../../protocol/thinking.ts';
import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import type { Capabilities } from '../../engine/capabilities.ts';

/** What is wanted of a request, whatever the engine can do. */
export interface Wanted<S extends StrategyId> {
  readonly strategy: S;
  /** What decides where a strategy runs: the chosen selector, or the strategy's own. */
  readonly selectorFor: (strategy: FittedStrategy<NoInfer<S>>) => SelectorId;
  readonly candidateCount: number;
  readonly options: ReasoningOptions;
  /** Whether the same seed was to give the same text. */
  readonly isReproducible: boolean;
}

/** The strategy itself, or what runs in its place. */
type FittedStrategy<S extends StrategyId> = S | 'chainOfThought' | 'selfConsistency';

/** What runs. */
export interface Fitted<S extends StrategyId> {
  readonly strategy: FittedStrategy<S>;
  readonly selector: SelectorId;
  readonly options: ReasoningOptions;
  /** One sentence for each thing that is done otherwise; empty where the engine can do all that was wanted. */
  readonly replacements: readonly string[];
}

/**
 * What of a request runs on an engine with these capabilities, and what is done otherwise. The one place where they are
 * compared. `auto` needs nothing by itself: what it chooses is compared when it is chosen. Pure.
 */
export function fitCapabilities<S extends StrategyId>(
  wanted: Wanted<S>,
  capabilities: Capabilities,
): Fitted<S> {
  const seed =
    wanted.isReproducible && !capabilities.seed
      ? ['The same seed may give another text, because the server draws as it likes.']
      : [];
  if (wanted.strategy === 'auto') {
    const { id: selector } = fitSelector(wanted.strategy, wanted, capabilities);
    return { strategy: wanted.strategy, selector, options: wanted.options, replacements: seed };
  }
  const strategy = fitStrategy(wanted, capabilities);
  const selector = fitSelector(strategy.id, wanted, capabilities);
  const options = fitOptions(strategy.id, wanted.options, capabilities);
  const needs = [...strategyNeeds(strategy.id), ...(selector.isAsked ? selectorNeeds(selector.id) : [])];
  return {
    strategy: strategy.id,
    selector: selector.id,
    options: options.options,
    replacements: [
      ...strategy.why,
      ...wholeTexts(strategy.id, capabilities),
      ...selector.why,
      ...constraintLeftOut(needs, capabilities),
      ...options.why,
      ...seed,
    ],
  };
}

/**
 * A choice of a class of difficulty for how much the model thinks, as the model can follow it: one without that level thinks as
 * with `on`. A level that the user chose for the request is not fitted so: there it is a share of the thought budget. Pure.
 */
export function fitThinkLevel(
  think: ThinkChoice,
  { thinking }: Pick<Capabilities, 'thinking'>,
): { readonly think: ThinkChoice; readonly why: readonly string[] } {
  const level = thinkLevels.find((each) => each === think);
  if (level === undefined || thinking?.efforts?.levels.includes(level) === true) return { think, why: [] };
  const lack = thinking === null ? 'the model has no thinking mode' : 'the model takes no such level';
  return { think: 'on', why: [`The level of thought “${level}” has no effect, because ${lack}.`] };
}

/** Replacements as the log has them. */
export function replacementEvents(replacements: readonly string[]): readonly SearchEvent[] {
  return replacements.map((why) => ({ type: 'decision/made', kind: 'engineLacks', candidateId: null, why }));
}

/** Whether candidates can be written in parts: a thought, its end, its answer. Otherwise each is one text. */
export function writesInParts({ continues }: Pick<Capabilities, 'continues'>): boolean {
  return continues;
}

function fitStrategy<S extends StrategyId>(
  { strategy, candidateCount }: Wanted<S>,
  capabilities: Capabilities,
): { readonly id: FittedStrategy<S>; readonly why: readonly string[] } {
  const lack = lackOf(strategyNeeds(strategy), capabilities);
  if (lack === null) return { id: strategy, why: [] };
  // A vote of one is one random draw.
  const id = hasVote(strategy) && candidateCount > 1 ? 'selfConsistency' : 'chainOfThought';
  const why = `The strategy “${strategyName(id)}” runs in place of “${strategyName(strategy)}”, because ${lack}.`;
  return { id, why: [why] };
}

function fitSelector<S extends StrategyId>(
  strategy: FittedStrategy<S>,
  { selectorFor, candidateCount }: Wanted<S>,
  capabilities: Capabilities,
): { readonly id: SelectorId; readonly isAsked: boolean; readonly why: readonly string[] } {
  const id = selectorFor(strategy);
  const isAsked = hasVote(strategy) && candidateCount > 1;
  const lack = lackOf(selectorNeeds(id), capabilities);
  if (lack === null) return { id, isAsked, why: [] };
  const why = `The majority decides in place of “${selectorWords(id).name}”, because ${lack}.`;
  return { id: 'majority', isAsked, why: isAsked ? [why] : [] };
}

function wholeTexts(strategy: StrategyId, capabilities: Capabilities): readonly string[] {
  if (writesInParts(capabilities) || isDirect(strategy)) return [];
  return [
    'Thought and answer are written as one text that is neither cut short nor extended, because the server answers whole conversations only.',
  ];
}

function constraintLeftOut(needs: readonly EngineNeed[], { constraint }: Capabilities): readonly string[] {
  const isKept =
    constraint === 'grammar' ||
    (!needs.includes('grammar') && (constraint === 'choice' || !needs.includes('choice')));
  return isKept
    ? []
    : [
        'Verdicts are asked for without a grammar, because the server takes none; one that cannot be read is left out.',
      ];
}

function fitOptions(
  strategy: StrategyId,
  options: ReasoningOptions,
  capabilities: Capabilities,
): { readonly options: ReasoningOptions; readonly why: readonly string[] } {
  const { earlyStopping, skipPreamble } = options;
  const thinks = !isDirect(strategy);
  const whyNo = (needs: readonly EngineNeed[], isWanted: boolean): string | null =>
    thinks && isWanted ? lackOf(needs, capabilities) : null;
  const trials = whyNo(['continuing', 'probabilities'], earlyStopping.trialConfidence > 0);
  const steady = whyNo(['continuing', 'exactEntropy'], earlyStopping.steadyAnswers);
  const pruning = whyNo(['probabilities'], earlyStopping.confidencePruning !== 'off');
  const firstStep = whyNo(['continuing'], skipPreamble && takesParameter(strategy, 'skipPreamble'));
  const say = (sentence: string, lack: string | null): readonly string[] =>
    lack === null ? [] : [`${sentence}, because ${lack}.`];
  return {
    options: {
      ...options,
      skipPreamble: skipPreamble && firstStep === null,
      earlyStopping: {
        consensus: earlyStopping.consensus,
        trialConfidence: trials === null ? earlyStopping.trialConfidence : 0,
        steadyAnswers: earlyStopping.steadyAnswers && steady === null,
        confidencePruning: pruning === null ? earlyStopping.confidencePruning : 'off',
      },
    },
    why: [
      ...say('No trial answers are asked for', trials),
      ...say('No thought ends for a steady answer', steady),
      ...say('No candidate is pruned for its confidence', pruning),
      ...say('Thoughts begin with a preamble', firstStep),
      ...say(
        'The model thinks as its server has it',
        options.think === 'auto' ? null : lackFor('continuing', capabilities),
      ),
    ],
  };
}

/** What the engine lacks of these needs first, as a clause; null where it lacks none. A missing constraint does not count. */
function lackOf(needs: readonly EngineNeed[], capabilities: Capabilities): string | null {
  return needs.map((need) => lackFor(need, capabilities)).find((lack) => lack !== null) ?? null;
}

function lackFor(need: EngineNeed, capabilities: Capabilities): string | null {
  switch (need) {
    case 'continuing':
      return writesInParts(capabilities) ? null : 'the server answers whole conversations only';
    case 'probabilities':
      return capabilities.alternatives > 0 ? null : 'the server gives no probabilities';
    case 'exactEntropy':
      return capabilities.entropy === 'exact' ? null : 'the server gives no exact entropy';
    case 'hiddenStates':
      return capabilities.hiddenState === null ? 'no hidden states of this model can be read' : null;
    case 'choice':
    case 'grammar':
      return null;
    default:
      return assertNever(need);
  }
}
