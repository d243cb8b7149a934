import { confidencePruningChoices, consensusChoices } from '../../../protocol/earlyStopTable.ts';
import { mergeChoices, takesOption, type UserChoices } from '../../../protocol/reasoningOptions.ts';
import { selectorIds } from '../../../protocol/selectorTable.ts';
import { hasVote, type StrategyId, strategyIds } from '../../../protocol/strategyTable.ts';
import { thinkChoices } from '../../../protocol/thinking.ts';
import { difficultyClasses } from '../../../protocol/traceEvent.ts';
import { choiceOption, numberOption, UsageError } from '../../../sidecar/cli/command.ts';
import type { ClassProfiles } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { wayOf } from '../../../sidecar/reasoning/difficulty/difficultyPlan.ts';
import { type AskRequest, mostCandidates } from '../../../sidecar/reasoning/run/requestRunner.ts';
import { createStrategy } from '../../../sidecar/reasoning/strategies/createStrategy.ts';
import { present } from '../../../sidecar/validation/fieldReader.ts';
import {
  candidateRange,
  maxStepsRange,
  stepChildrenRange,
  temperatureRange,
  thoughtRange,
  trialConfidenceRange,
} from '../../../sidecar/validation/parameterRanges.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';

/** What a row asks of every question; all else is as the product has it. */
export type RowRequest = Pick<AskRequest, 'strategy' | 'candidateCount' | 'difficulty' | 'choices'>;

/** One way to answer, as the report shows it in a row. */
export interface StrategyRow {
  /** Strategy and parameters in one spelling; names the row and its raw results. */
  readonly key: string;
  readonly request: RowRequest;
}

type Part = readonly [name: string, value: string];

/**
 * A row from its text: a strategy, then its parameters after colons, such as `selfConsistency:8:consensus=off`. A
 * bare number is the count of candidates. Throws `UsageError` for what no strategy takes.
 */
export function parseStrategyRow(text: string): StrategyRow {
  const [name, ...rest] = text.split(':');
  const strategy = choiceOption(name, 'strategies', strategyIds) ?? 'auto';
  const parts = rest.map((part): Part => {
    if (/^\d+$/.test(part)) return ['candidates', part];
    const [, parameter, value] = /^(\w+)=(.+)$/.exec(part) ?? [];
    if (parameter !== undefined && value !== undefined) return [parameter, value];
    throw new UsageError(`A strategy takes parameters such as 8 or cap=200, not "${part}".`);
  });
  let request: RowRequest = {
    strategy,
    candidateCount: defaultSettings.candidates,
    difficulty: null,
    choices: {},
  };
  for (const part of parts) request = withPart(request, part);
  if (request.choices.skipPreamble !== undefined && !takesOption(strategy, 'skipPreamble'))
    throw new UsageError(`${strategy} has no thought that could skip its preamble.`);
  if (request.choices.repair !== undefined && !takesOption(strategy, 'repair'))
    throw new UsageError(`${strategy} repairs no program.`);
  return { key: keyOf(strategy, parts), request };
}

/** Whether its runs of a question differ by seed, in one at least of the classes that these profiles have. */
export function isSampled({ request }: StrategyRow, profiles: ClassProfiles): boolean {
  const { strategy, choices, difficulty, candidateCount } = request;
  const isDrawn = (id: StrategyId, usual: number): boolean =>
    hasVote(id) || (choices.temperature ?? usual) > 0;
  if (strategy !== 'auto') return isDrawn(strategy, createStrategy(strategy).temperature);
  const classes = difficulty === null ? difficultyClasses : [difficulty];
  return classes.some((name) => {
    const way = wayOf(profiles[name], candidateCount);
    return isDrawn(way.strategy, way.temperature);
  });
}

/** Thought tokens of one candidate at most. */
export function capOf({ request }: StrategyRow): number {
  return request.choices.maxThoughtTokens ?? defaultSettings.maxThoughtTokens;
}

/** The same row with another cap on its thought. */
export function withCap({ key }: StrategyRow, maxThoughtTokens: number): StrategyRow {
  return parseStrategyRow(`${key}:cap=${maxThoughtTokens}`);
}

/** Candidates it may run at once, whatever `auto` chooses by these profiles. */
export function weightOf({ request }: StrategyRow, profiles: ClassProfiles): number {
  return mostCandidates(request, profiles);
}

function withPart(request: RowRequest, [name, value]: Part): RowRequest {
  switch (name) {
    case 'candidates':
      return { ...request, candidateCount: numberOption(value, name, candidateRange) ?? 1 };
    case 'cap':
      return choosing(request, present({ maxThoughtTokens: numberOption(value, name, thoughtRange) }));
    case 'temperature':
      return choosing(request, present({ temperature: numberOption(value, name, temperatureRange) }));
    case 'selector':
      return choosing(request, present({ selector: choiceOption(value, name, selectorIds) }));
    case 'difficulty':
      return { ...request, difficulty: choiceOption(value, name, difficultyClasses) ?? null };
    case 'consensus':
      return choosing(request, {
        earlyStopping: {
          consensus: choiceOption(value, name, consensusChoices) ?? 'off',
        },
      });
    case 'children': {
      const stepChildren = numberOption(value, name, stepChildrenRange) ?? 1;
      return choosing(request, { stepSearch: { stepChildren } });
    }
    case 'steps': {
      const maxSteps = numberOption(value, name, maxStepsRange) ?? 1;
      return choosing(request, { stepSearch: { maxSteps } });
    }
    case 'skipPreamble':
      return choosing(request, { skipPreamble: choiceOption(value, name, ['on', 'off']) === 'on' });
    case 'think':
      return choosing(request, present({ think: choiceOption(value, name, thinkChoices) }));
    case 'repair':
      return choosing(request, { repair: choiceOption(value, name, ['on', 'off']) === 'on' });
    case 'trial':
      return choosing(request, {
        earlyStopping: {
          trialConfidence: numberOption(value, name, trialConfidenceRange) ?? 0,
        },
      });
    case 'steady':
      return choosing(request, {
        earlyStopping: {
          steadyAnswers: choiceOption(value, name, ['off', 'on']) === 'on',
        },
      });
    case 'pruning':
      return choosing(request, {
        earlyStopping: {
          confidencePruning: choiceOption(value, name, confidencePruningChoices) ?? 'off',
        },
      });
    default:
      throw new UsageError(
        `There is no parameter "${name}"; there are candidates, cap, temperature, selector, difficulty, consensus, trial, steady, pruning, skipPreamble, think, repair, children and steps.`,
      );
  }
}

/** A request that chooses this too. */
function choosing(request: RowRequest, choices: UserChoices): RowRequest {
  return { ...request, choices: mergeChoices(request.choices, choices) };
}

/** Parameters in alphabetical order, the count of candidates bare and first; the last of two alike counts. */
function keyOf(strategy: StrategyId, parts: readonly Part[]): string {
  const values = new Map(parts);
  const candidates = values.get('candidates');
  values.delete('candidates');
  const named = [...values].map(([name, value]) => `${name}=${value}`).sort();
  return [strategy, ...(candidates === undefined ? [] : [candidates]), ...named].join(':');
}

/** Rows whose budget is decided question by question. */
export function isAdaptive({ request }: StrategyRow): boolean {
  return request.strategy === 'auto' && request.difficulty === null;
}
