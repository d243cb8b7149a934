import {
  confidencePruningChoices,
  consensusChoices,
  earlyStop,
  type EarlyStopping,
} from './earlyStopTable.ts';
import { selectorIds } from './selectorTable.ts';
import { figureText, gsm8k, type StandingFigure } from './standing.ts';
import { strategyIds } from './strategyTable.ts';
import { thinkChoices, thinkingFormChoices } from './thinking.ts';
import { difficultyClasses } from './traceEvent.ts';

/**
 * What a value of a setting can do beyond the text of an answer. In a workspace that is not trusted, a setting with any of
 * them is taken from the user alone.
 * - `deletes`: files of the user
 * - `keeps`: something about the user on disk
 * - `spends`: changes how much is generated, or has it generated unasked
 * - `loads`: names a file that is loaded, or says how much memory a load takes
 * - `runs`: a command
 */
export type SettingEffect = 'deletes' | 'keeps' | 'spends' | 'loads' | 'runs';

/** What values a setting takes. Ranges include both ends. */
export type SettingKind =
  | { readonly kind: 'text' }
  | { readonly kind: 'texts' }
  | { readonly kind: 'flag' }
  /** Names to switch on or off. */
  | { readonly kind: 'switches' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'whole' | 'number'; readonly min: number; readonly max: number };

export type SettingDescription = SettingKind & {
  /** What it can do, or the reason, in one line, why it can do none of that. */
  readonly effects: readonly [SettingEffect, ...SettingEffect[]] | { readonly none: string };
  /** Where VS Code takes it from, and where no workspace may set it: `machine`. */
  readonly scope: 'window' | 'machine-overridable' | 'machine';
  /** When a change acts: at once, which is with the next request for most, or when a model is loaded next. */
  readonly acts: 'atOnce' | 'nextLoad';
  /** Where it is listed: `advanced` is for experts, `experimental` was measured to lose or not shown to pay. */
  readonly list: 'ordinary' | 'advanced' | 'experimental';
  /** What the bench says of it; its description in the manifest says the same. */
  readonly figures?: readonly StandingFigure[];
};

const flag = { kind: 'flag' } as const;
const text = { kind: 'text' } as const;
const bytes = { kind: 'whole', min: 0, max: 1e15 } as const;

const ordinary = { scope: 'window', acts: 'atOnce', list: 'ordinary' } as const;
/** Settings of the engine: which files it loads, and how. */
const engine = { effects: ['loads'], scope: 'machine-overridable', acts: 'nextLoad' } as const;
/** Which no workspace may set. */
const users = { scope: 'machine', acts: 'atOnce' } as const;
const advanced = { scope: 'window', acts: 'atOnce', list: 'advanced' } as const;
const experimental = { scope: 'window', acts: 'atOnce', list: 'experimental' } as const;

/** When a completion may span several lines. */
export const multilineChoices = ['auto', 'always', 'never'] as const;
/** Whether to draft; `auto` drafts where it was measured to pay. */
const speculationChoices = ['auto', 'on', 'off'] as const;
/** Whether thoughts begin at their first step. */
const skipPreambleChoices = ['auto', 'on', 'off'] as const;
/** How hard questions are taken to be: as each is judged, or one class for all. */
export const difficultyChoices = ['measured', ...difficultyClasses] as const;
/** How keys and values of the context are kept; `auto` takes the most exact type that fits. */
export const cacheTypeChoices = ['auto', 'f16', 'q8_0', 'q4_0'] as const;

/**
 * Every setting, by key without the `entropane.` in front, in the order of the manifest. Both readers of settings, the
 * command line and the parameters of requests take kinds and ranges from here. Defaults stand in `package.json` alone. A
 * contract test compares each entry of the manifest with its row.
 */
export const settingsTable = {
  /** Catalogue name or path of the model for questions, and for completions where no other is named for those. */
  model: { ...text, ...engine, acts: 'atOnce', list: 'ordinary' },
  /** The same of the model for completions; empty for the one for questions. */
  completionModel: { ...text, ...engine, acts: 'atOnce', list: 'ordinary' },
  /** KV cells of the context, shared by all sequences. 0 picks by model and memory. */
  contextTokens: { kind: 'whole', min: 0, max: 1_048_576, ...engine, list: 'ordinary' },
  speculation: { kind: 'choice', choices: speculationChoices, ...engine, list: 'ordinary' },

  'completions.enabled': { ...flag, ...ordinary, effects: ['spends'] },
  'completions.trigger': {
    kind: 'choice',
    choices: ['automatic', 'manual'],
    ...ordinary,
    effects: ['spends'],
  },
  /** By language identifier; `*` is every language not named. */
  'completions.languages': { kind: 'switches', ...ordinary, effects: ['spends'] },
  'completions.debounceMs': { kind: 'whole', min: 0, max: 5000, ...ordinary, effects: ['spends'] },
  /** Candidates of a completion that was asked for by command. */
  'completions.alternatives': { kind: 'whole', min: 1, max: 8, ...ordinary, effects: ['spends'] },
  completionMaxTokens: { kind: 'whole', min: 1, max: 1024, ...ordinary, effects: ['spends'] },
  multiline: { kind: 'choice', choices: multilineChoices, ...ordinary, effects: ['spends'] },
  /** Whether completions are given parts of other files. */
  completionOtherFiles: { ...flag, ...ordinary, effects: ['spends'] },

  strategy: { kind: 'choice', choices: strategyIds, ...ordinary, effects: ['spends'] },
  difficulty: { kind: 'choice', choices: difficultyChoices, ...ordinary, effects: ['spends'] },
  /** What one batch decodes at a gain. */
  candidates: { kind: 'whole', min: 1, max: 16, ...ordinary, effects: ['spends'] },
  /** Decides among several candidates of a question. */
  selector: { kind: 'choice', choices: selectorIds, ...ordinary, effects: ['spends'] },
  consensus: {
    kind: 'choice',
    choices: consensusChoices,
    ...ordinary,
    effects: ['spends'],
    figures: figuresOf('consensus'),
  },
  maxThoughtTokens: { kind: 'whole', min: 0, max: 131_072, ...ordinary, effects: ['spends'] },
  /** Whether thoughts begin at their first step, without an introduction; `auto` leaves it to the strategy. */
  skipPreamble: {
    kind: 'choice',
    choices: skipPreambleChoices,
    ...ordinary,
    effects: ['spends'],
    figures: [
      {
        ...gsm8k,
        row: '`chainOfThought:skipPreamble=on` against `chainOfThought`',
        right: 57,
        against: { name: 'oneThought', right: 55.5 },
        tokenRatio: 0.7,
        questions: 200,
      },
      {
        ...gsm8k,
        model: 'Qwen2.5-Coder-0.5B',
        row: '`chainOfThought:skipPreamble=on` against `chainOfThought`',
        right: 23,
        against: { name: 'oneThought', right: 25 },
        tokenRatio: 0.75,
        questions: 100,
      },
    ],
  },
  /** Tokens that all candidates of a question may generate together; 0 sets no bound. */
  budgetTokens: { kind: 'whole', min: 0, max: 1_000_000, ...ordinary, effects: ['spends'] },
  /** Time that a question may take; 0 sets no bound. */
  budgetSeconds: { kind: 'number', min: 0, max: 86_400, ...ordinary, effects: ['spends'] },
  /** Tokens that all requests of a day may generate together; 0 sets no bound. */
  tokensPerDay: { kind: 'whole', min: 0, max: 1e12, ...users, list: 'ordinary', effects: ['spends'] },
  /** Shell command that tests code in a copy of the workspace; empty for none. Sent for a trusted workspace alone. */
  verifyCommand: { ...text, ...ordinary, effects: ['runs'] },

  /** Trace files of questions. */
  traceFileLimit: { kind: 'whole', min: 1, max: 100_000, ...users, list: 'ordinary', effects: ['deletes'] },

  /** Folder of models and traces; empty for the per-machine store. */
  storePath: { ...text, ...users, list: 'advanced', effects: ['keeps', 'loads'] },
  /** 0 lets the engine measure. */
  threads: { kind: 'whole', min: 0, max: 1024, ...engine, list: 'advanced' },
  cacheType: { kind: 'choice', choices: cacheTypeChoices, ...engine, list: 'advanced' },
  /** What all loaded models may take together; 0 goes by what is free. */
  memoryBytesLimit: { ...bytes, ...engine, list: 'advanced' },
  /** After which an unused model is unloaded, but for the one that writes completions; 0 keeps it. */
  idleMinutes: { kind: 'whole', min: 0, max: 1440, ...engine, acts: 'atOnce', list: 'advanced' },
  /** Host memory for prompts that had to give up their cells; 0 keeps none. */
  prefixBytesLimit: { ...bytes, ...engine, list: 'advanced' },
  /** The same on disk, for this workspace alone; 0 keeps none. */
  prefixDiskBytesLimit: {
    ...bytes,
    ...users,
    acts: 'nextLoad',
    list: 'advanced',
    effects: ['keeps', 'loads'],
  },
  /** Next steps that a search over steps tries after each that it keeps. */
  stepChildren: { kind: 'whole', min: 1, max: 8, ...advanced, effects: ['spends'] },
  /** Steps after which a search over steps has a thought answer. */
  maxSteps: { kind: 'whole', min: 1, max: 64, ...advanced, effects: ['spends'] },
  /** What a test of code may take at most. */
  verifySeconds: { kind: 'whole', min: 1, max: 3600, ...advanced, effects: ['runs'] },
  /** Trace files of completions. */
  completionTraceFileLimit: {
    kind: 'whole',
    min: 1,
    max: 100_000,
    ...users,
    list: 'advanced',
    effects: ['deletes'],
  },
  traceBytesLimit: { ...bytes, min: 1_048_576, ...users, list: 'advanced', effects: ['deletes'] },
  /** Whether a model with a thinking mode thinks, and how much; `auto` leaves it to the strategy. */
  think: { kind: 'choice', choices: thinkChoices, ...advanced, effects: ['spends'] },
  /** How such a model marks its thoughts; `auto` reads it from its chat template. */
  thinkingForm: { kind: 'choice', choices: thinkingFormChoices, ...engine, list: 'advanced' },

  /** Installed models that may answer in the place of the one that serves, smallest first; empty for none. */
  route: {
    kind: 'texts',
    ...engine,
    acts: 'atOnce',
    list: 'experimental',
    figures: [
      {
        ...gsm8k,
        model: 'Qwen2.5-Coder-0.5B',
        row: '`auto:1 by qwen2.5-coder-1.5b where hard for qwen2.5-coder-0.5b` against `auto:1 by qwen2.5-coder-1.5b`',
        right: 45,
        against: { name: 'largerModel', right: 51 },
        tokenRatio: 1.15,
        questions: 100,
      },
    ],
  },
  /** Catalogue name or path of a pruned copy of the model, lossy; empty for none. */
  fastModel: { ...text, ...engine, acts: 'atOnce', list: 'experimental' },
  /** Catalogue name or path of a model with the same tokens that drafts for the one that serves; empty for none. */
  draftModel: { ...text, ...engine, list: 'experimental' },
  /** Path of a LoRA adapter that changes the model that serves; empty for none. */
  adapter: { ...text, ...engine, list: 'experimental' },
  /** What its change is multiplied by. */
  adapterScale: { kind: 'number', min: 0, max: 2, ...engine, list: 'experimental' },
  /** Whether questions are remembered by kind and strategy, and `auto` chooses by that. */
  strategyMemory: { ...flag, ...experimental, effects: ['keeps', 'spends'] },
  /** Probability of a trial answer from which a thought ends early; 0 makes no trials. */
  trialConfidence: {
    kind: 'number',
    min: 0,
    max: 1,
    ...experimental,
    effects: ['spends'],
    figures: figuresOf('trialConfidence'),
  },
  /** Whether a thought ends that has an answer and only goes over it. */
  steadyAnswers: { ...flag, ...experimental, effects: ['spends'], figures: figuresOf('steadyAnswers') },
  confidencePruning: {
    kind: 'choice',
    choices: confidencePruningChoices,
    ...experimental,
    effects: ['spends'],
    figures: figuresOf('confidencePruning'),
  },
} as const satisfies Readonly<Record<string, SettingDescription>>;

type SettingsTable = typeof settingsTable;
export type SettingKey = keyof SettingsTable;
/** Settings of ghost text that the extension acts on by itself; the sidecar never sees them. */
export type CompletionSettingKey = Extract<SettingKey, `completions.${string}`>;
export type SidecarSettingKey = Exclude<SettingKey, CompletionSettingKey>;

/** The type of a setting's value. */
export type SettingValue<K extends SettingKey> = ValueOf<SettingsTable[K]>;

type ValueOf<D> = D extends { readonly kind: 'text' }
  ? string
  : D extends { readonly kind: 'texts' }
    ? readonly string[]
    : D extends { readonly kind: 'flag' }
      ? boolean
      : D extends { readonly kind: 'switches' }
        ? Readonly<Record<string, boolean>>
        : D extends { readonly choices: readonly (infer T)[] }
          ? T
          : number;

/** Settings that take whole or any numbers. */
export type NumberSettingKey = {
  [K in SettingKey]: SettingsTable[K] extends { readonly min: number } ? K : never;
}[SettingKey];

type ActingKey<A extends SettingDescription['acts']> = {
  [K in SidecarSettingKey]: SettingsTable[K] extends { readonly acts: A } ? K : never;
}[SidecarSettingKey];
/** Settings that a loaded model depends on: it is loaded anew with what they say then. */
export type LoadSettingKey = ActingKey<'nextLoad'>;

const settingKeys = Object.keys(settingsTable).filter((key): key is SettingKey => key in settingsTable);

export const completionSettingKeys: readonly CompletionSettingKey[] = settingKeys.filter(
  (key): key is CompletionSettingKey => key.startsWith('completions.'),
);
export const sidecarSettingKeys: readonly SidecarSettingKey[] = settingKeys.filter(
  (key): key is SidecarSettingKey => !key.startsWith('completions.'),
);
export const loadSettingKeys: readonly LoadSettingKey[] = sidecarSettingKeys.filter(
  (key): key is LoadSettingKey => settingsTable[key].acts === 'nextLoad',
);

/** What a setting takes and does. */
export function settingDescription(key: SettingKey): SettingDescription {
  return settingsTable[key];
}

/** Whether a workspace that is not trusted has no say in it. One that no workspace may set need not be in this list. */
export function isRestricted(key: SettingKey): boolean {
  const row = settingDescription(key);
  return effectsOf(row).length > 0 && row.scope !== 'machine';
}

/** What a setting can do beyond the text of an answer; empty for one that can do nothing. */
export function effectsOf({ effects }: SettingDescription): readonly SettingEffect[] {
  return 'none' in effects ? [] : effects;
}

/** What the help says of an option that sets it: the meaning, the mark where it is experimental, and its figures. */
export function optionText(key: SettingKey, meaning: string): string {
  const { list, figures = [] } = settingDescription(key);
  const marked = list === 'experimental' ? `Experimental: ${meaning}` : meaning;
  return figures.length === 0 ? marked : `${marked} ${figures.map(figureText).join('; ')}.`;
}

function figuresOf(id: keyof EarlyStopping): readonly StandingFigure[] {
  const { standing } = earlyStop(id);
  return 'figure' in standing ? [standing.figure] : [];
}
