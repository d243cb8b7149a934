import type { Budget } from './budget.ts';
import { earlyStopKeys, type EarlyStopping } from './earlyStopTable.ts';
import type { SelectorId } from './selectorTable.ts';
import type { SettingValue } from './settingsTable.ts';
import {
  hasVote,
  stepSearchKeys,
  type StepSearchSettings,
  type StrategyId,
  takesParameter,
} from './strategyTable.ts';
import type { ThinkChoice } from './thinking.ts';
import { type FixedChoice, fixedChoices } from './traceEvent.ts';

/** How a strategy's thoughts begin, branch and end early. Every member is decided. */
export interface ReasoningOptions {
  readonly stepSearch: StepSearchSettings;
  readonly earlyStopping: EarlyStopping;
  /** Whether thoughts begin at their first step. Only for strategies that take it. */
  readonly skipPreamble: boolean;
  /** Whether a program is repaired once where none passes. Only for strategies that take it. */
  readonly repair: boolean;
  /** Whether a model with a thinking mode thinks, and how much. */
  readonly think: ThinkChoice;
}

/** What a user or a class of difficulty chose. Absent members are left to the class, then the strategy, then the settings. */
export interface ReasoningChoices {
  readonly temperature?: number;
  /** Decides among several candidates. */
  readonly selector?: SelectorId;
  readonly stepSearch?: Partial<StepSearchSettings>;
  readonly earlyStopping?: Partial<EarlyStopping>;
  readonly skipPreamble?: boolean;
  readonly repair?: boolean;
  readonly think?: ThinkChoice;
}

/** What a user chose, the bounds included. */
export interface UserChoices extends ReasoningChoices {
  /** The members that the user fixed. */
  readonly budget?: Partial<Budget>;
  /** Thought tokens of one candidate at the full budget. A class takes its share of them, so they fix nothing. */
  readonly maxThoughtTokens?: number;
}

/** The settings that options are made of, flat as a user writes them. */
type OptionSettings = EarlyStopping & StepSearchSettings & Flat<'skipPreamble' | 'think'>;
/** The settings that a user chooses by. */
type ChoiceSettings = OptionSettings & Flat<'selector' | 'maxThoughtTokens'>;
type Flat<K extends 'skipPreamble' | 'think' | 'selector' | 'maxThoughtTokens'> = {
  readonly [N in K]: SettingValue<N>;
};

/** No setting has it: a strategy that can repair does, unless a request says otherwise. */
const repairsByItself = true;

/** The options that settings and choices lead to. Other members of the settings are left out. Pure. */
export function optionsOf(settings: OptionSettings, choices: ReasoningChoices = {}): ReasoningOptions {
  const stepSearch = membersOf(settings, stepSearchKeys);
  const earlyStopping = membersOf(settings, earlyStopKeys);
  const skipPreamble = settings.skipPreamble === 'on';
  const { think } = settings;
  return changeOptions({ stepSearch, earlyStopping, skipPreamble, repair: repairsByItself, think }, choices);
}

/** Options with what was chosen in their place, member by member. Pure. */
export function changeOptions(options: ReasoningOptions, choices: ReasoningChoices): ReasoningOptions {
  return {
    stepSearch: { ...options.stepSearch, ...choices.stepSearch },
    earlyStopping: { ...options.earlyStopping, ...choices.earlyStopping },
    skipPreamble: choices.skipPreamble ?? options.skipPreamble,
    repair: choices.repair ?? options.repair,
    think: choices.think ?? options.think,
  };
}

/**
 * What settings choose: those that are not at their defaults. They are the user's own word, and come before what difficulty
 * chooses. Pure.
 */
export function choicesIn(settings: ChoiceSettings, defaults: ChoiceSettings): UserChoices {
  const { skipPreamble } = settings;
  const chosen = <K extends keyof ChoiceSettings>(names: readonly K[]): Partial<Pick<ChoiceSettings, K>> =>
    membersOf(
      settings,
      names.filter((name) => settings[name] !== defaults[name]),
    );
  return {
    ...chosen(['selector', 'maxThoughtTokens', 'think']),
    ...(skipPreamble !== 'auto' && { skipPreamble: skipPreamble === 'on' }),
    stepSearch: chosen(stepSearchKeys),
    earlyStopping: chosen(earlyStopKeys),
  };
}

/** Choices with others in their place, member by member. Pure. */
export function mergeChoices(choices: UserChoices, changes: UserChoices): UserChoices {
  const temperature = changes.temperature ?? choices.temperature;
  const selector = changes.selector ?? choices.selector;
  const skipPreamble = changes.skipPreamble ?? choices.skipPreamble;
  const repair = changes.repair ?? choices.repair;
  const think = changes.think ?? choices.think;
  const maxThoughtTokens = changes.maxThoughtTokens ?? choices.maxThoughtTokens;
  const budget = { ...choices.budget, ...changes.budget };
  return {
    ...(temperature !== undefined && { temperature }),
    ...(selector !== undefined && { selector }),
    stepSearch: { ...choices.stepSearch, ...changes.stepSearch },
    earlyStopping: { ...choices.earlyStopping, ...changes.earlyStopping },
    ...(skipPreamble !== undefined && { skipPreamble }),
    ...(repair !== undefined && { repair }),
    ...(think !== undefined && { think }),
    ...(maxThoughtTokens !== undefined && { maxThoughtTokens }),
    ...(Object.keys(budget).length > 0 && { budget }),
  };
}

/** What a strategy does with options: null and false for those that it does not take. Pure. */
export function optionsTakenBy(
  strategy: StrategyId,
  { stepSearch, earlyStopping, skipPreamble, repair, think }: ReasoningOptions,
): Omit<ReasoningOptions, 'stepSearch'> & { readonly stepSearch: StepSearchSettings | null } {
  return {
    stepSearch: takesOption(strategy, 'stepSearch') ? stepSearch : null,
    earlyStopping,
    skipPreamble: skipPreamble && takesOption(strategy, 'skipPreamble'),
    repair: repair && takesOption(strategy, 'repair'),
    think,
  };
}

/** Choices that say the same as options, without what a strategy does not take. Pure. */
export function choicesTakenBy(strategy: StrategyId, options: ReasoningOptions): ReasoningChoices {
  const { stepSearch, earlyStopping } = optionsTakenBy(strategy, options);
  return {
    ...(stepSearch !== null && { stepSearch }),
    earlyStopping,
    ...(takesOption(strategy, 'skipPreamble') && { skipPreamble: options.skipPreamble }),
    ...(takesOption(strategy, 'repair') && { repair: options.repair }),
    ...(options.think !== 'auto' && { think: options.think }),
  };
}

/** Whether an option changes what a strategy does. Pure. */
export function takesOption(strategy: StrategyId, option: keyof UserChoices): boolean {
  switch (option) {
    case 'selector':
      return hasVote(strategy);
    case 'stepSearch':
      return takesParameter(strategy, 'stepChildren');
    case 'skipPreamble':
    case 'repair':
    case 'maxThoughtTokens':
      return takesParameter(strategy, option);
    case 'temperature':
    case 'think':
    case 'budget':
    case 'earlyStopping':
      return true;
  }
}

/** What the log names of choices. Difficulty and strategy are chosen elsewhere. */
type ChoiceName = Extract<FixedChoice, keyof UserChoices>;
const choiceNames = fixedChoices.filter(
  (name): name is ChoiceName => name !== 'difficulty' && name !== 'strategy',
);

/** The choices that say something, by name, in the order in which the log has them. Pure. */
export function chosenNames(choices: UserChoices): readonly ChoiceName[] {
  return choiceNames.filter((name) => {
    const choice = choices[name];
    return typeof choice === 'object' ? Object.keys(choice).length > 0 : choice !== undefined;
  });
}

function membersOf<T, K extends keyof T>(whole: T, keys: readonly K[]): Pick<T, K> {
  const members: Partial<Pick<T, K>> = {};
  for (const key of keys) members[key] = whole[key];
  // Each key was copied.
  return members as Pick<T, K>;
}
