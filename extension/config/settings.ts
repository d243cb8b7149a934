import { isRecord } from '../../protocol/isRecord.ts';
import {
  cacheTypeChoices,
  confidencePruningChoices,
  consensusChoices,
  difficultyChoices,
  multilineChoices,
  speculationChoices,
  type SidecarSettings,
} from '../../protocol/messages.ts';
import { strategyIds } from '../../protocol/strategyTable.ts';
import { selectorIds } from '../../protocol/traceEvent.ts';

const triggerChoices = ['automatic', 'manual'] as const;

/** Settings of ghost text that the extension acts on by itself; the sidecar never sees them. */
export interface CompletionSettings {
  readonly enabled: boolean;
  readonly trigger: (typeof triggerChoices)[number];
  /** By language identifier; `*` stands for every language not named. */
  readonly languages: Readonly<Record<string, boolean>>;
  readonly debounceMs: number;
  /** Candidates of a completion that was asked for by command. */
  readonly alternatives: number;
}

export interface Settings {
  readonly sidecar: SidecarSettings;
  readonly completions: CompletionSettings;
}

/** What the manifest says about one setting. */
export interface DeclaredSetting {
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Where values come from, by key without the `entropane.` in front. VS Code does not check values by the manifest. */
export interface SettingsSource {
  /** Whether the user trusts the workspace: whoever does not does not want its code run, whoever set the command. */
  readonly isTrusted: boolean;
  value(key: string): unknown;
  declared(key: string): DeclaredSetting | undefined;
}

/** All settings, each of the type and in the range it claims: a value that is not counts as not set. */
export function readSettings(source: SettingsSource): Settings {
  return {
    sidecar: {
      model: pick(source, 'model', isString),
      storePath: pick(source, 'storePath', isString),
      contextTokens: pick(source, 'contextTokens', isCount),
      threads: pick(source, 'threads', isCount),
      route: pick(source, 'route', isTexts),
      strategy: pick(source, 'strategy', oneOf(strategyIds)),
      difficulty: pick(source, 'difficulty', oneOf(difficultyChoices)),
      strategyMemory: pick(source, 'strategyMemory', isBoolean),
      selector: pick(source, 'selector', oneOf(selectorIds)),
      verifyCommand: source.isTrusted ? pick(source, 'verifyCommand', isString) : '',
      verifySeconds: pick(source, 'verifySeconds', isCount),
      candidates: pick(source, 'candidates', isCount),
      stepChildren: pick(source, 'stepChildren', isCount),
      maxSteps: pick(source, 'maxSteps', isCount),
      maxThoughtTokens: pick(source, 'maxThoughtTokens', isCount),
      skipPreamble: pick(source, 'skipPreamble', isBoolean),
      budgetTokens: pick(source, 'budgetTokens', isCount),
      budgetSeconds: pick(source, 'budgetSeconds', isQuantity),
      tokensPerDay: pick(source, 'tokensPerDay', isCount),
      consensus: pick(source, 'consensus', oneOf(consensusChoices)),
      trialConfidence: pick(source, 'trialConfidence', isQuantity),
      steadyAnswers: pick(source, 'steadyAnswers', isBoolean),
      confidencePruning: pick(source, 'confidencePruning', oneOf(confidencePruningChoices)),
      completionMaxTokens: pick(source, 'completionMaxTokens', isCount),
      multiline: pick(source, 'multiline', oneOf(multilineChoices)),
      speculation: pick(source, 'speculation', oneOf(speculationChoices)),
      draftModel: pick(source, 'draftModel', isString),
      adapter: pick(source, 'adapter', isString),
      adapterScale: pick(source, 'adapterScale', isNumber),
      cacheType: pick(source, 'cacheType', oneOf(cacheTypeChoices)),
      memoryBytesLimit: pick(source, 'memoryBytesLimit', isCount),
      idleMinutes: pick(source, 'idleMinutes', isCount),
      fastModel: pick(source, 'fastModel', isString),
      fastCompletions: pick(source, 'fastCompletions', isBoolean),
      traceFileLimit: pick(source, 'traceFileLimit', isCount),
      completionTraceFileLimit: pick(source, 'completionTraceFileLimit', isCount),
      traceBytesLimit: pick(source, 'traceBytesLimit', isCount),
      prefixBytesLimit: pick(source, 'prefixBytesLimit', isCount),
      prefixDiskBytesLimit: pick(source, 'prefixDiskBytesLimit', isCount),
    },
    completions: {
      enabled: pick(source, 'completions.enabled', isBoolean),
      trigger: pick(source, 'completions.trigger', oneOf(triggerChoices)),
      languages: pick(source, 'completions.languages', isSwitchboard),
      debounceMs: pick(source, 'completions.debounceMs', isCount),
      alternatives: pick(source, 'completions.alternatives', isCount),
    },
  };
}

/** Whether ghost text is switched on for a language. A language that is not named follows `*`. */
export function isLanguageEnabled(languages: Readonly<Record<string, boolean>>, languageId: string): boolean {
  return languages[languageId] ?? languages['*'] ?? true;
}

function pick<T>(
  source: SettingsSource,
  key: string,
  accepts: (value: unknown, declared: DeclaredSetting) => value is T,
): T {
  const declared = source.declared(key) ?? {};
  const value = source.value(key);
  if (accepts(value, declared)) return value;
  if (accepts(declared.default, declared)) return declared.default;
  throw new Error(`The manifest declares no usable default for entropane.${key}.`);
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isQuantity(value: unknown, { minimum = 0, maximum = Infinity }: DeclaredSetting): value is number {
  return typeof value === 'number' && value >= minimum && value <= maximum;
}

function isCount(value: unknown, declared: DeclaredSetting): value is number {
  return isQuantity(value, declared) && Number.isInteger(value);
}

function isNumber(
  value: unknown,
  { minimum = -Infinity, maximum = Infinity }: DeclaredSetting,
): value is number {
  return typeof value === 'number' && value >= minimum && value <= maximum;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isString);
}

function isSwitchboard(value: unknown): value is Readonly<Record<string, boolean>> {
  return isRecord(value) && Object.values(value).every(isBoolean);
}

function oneOf<T extends string>(choices: readonly T[]): (value: unknown) => value is T {
  return (value): value is T => choices.some((choice) => choice === value);
}
