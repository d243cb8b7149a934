import manifest from '../package.json' with { type: 'json' };
import {
  cacheTypeChoices,
  confidencePruningChoices,
  consensusChoices,
  difficultyChoices,
  multilineChoices,
  speculationChoices,
  type EarlyStopping,
  type SidecarSettings,
  type StepSearchSettings,
} from '../protocol/messages.ts';
import { strategyIds } from '../protocol/strategyTable.ts';
import { selectorIds } from '../protocol/traceEvent.ts';
import { FieldReader, present } from './fieldReader.ts';
import {
  adapterScaleRange,
  candidateRange,
  maxStepsRange,
  secondsRange,
  stepChildrenRange,
  thoughtRange,
  tokenRange,
  trialConfidenceRange,
} from './parameterRanges.ts';

/** What a request may say of early stopping, and the settings too; throws as `readSettings` does. */
export function readEarlyStopping(fields: FieldReader): Partial<EarlyStopping> {
  return present({
    consensus: fields.optionalOneOf('consensus', consensusChoices),
    trialConfidence: fields.optionalNumber('trialConfidence', trialConfidenceRange),
    steadyAnswers: fields.optionalBoolean('steadyAnswers'),
    confidencePruning: fields.optionalOneOf('confidencePruning', confidencePruningChoices),
  });
}

/** What a request may say of a search over steps, and the settings too; throws as `readSettings` does. */
export function readStepSearch(fields: FieldReader): Partial<StepSearchSettings> {
  return present({
    stepChildren: fields.optionalNumber('stepChildren', stepChildrenRange),
    maxSteps: fields.optionalNumber('maxSteps', maxStepsRange),
  });
}

/** Those settings that are there; throws `parameter.invalid` for one of the wrong kind or out of its range. */
export function readSettings(fields: FieldReader): Partial<SidecarSettings> {
  return present({
    model: fields.optionalString('model'),
    storePath: fields.optionalString('storePath'),
    contextTokens: fields.optionalNumber('contextTokens', { min: 0, max: 2 ** 31 - 1, whole: true }),
    threads: fields.optionalNumber('threads', { min: 0, max: 1024, whole: true }),
    route: fields.optionalStrings('route'),
    strategy: fields.optionalOneOf('strategy', strategyIds),
    difficulty: fields.optionalOneOf('difficulty', difficultyChoices),
    strategyMemory: fields.optionalBoolean('strategyMemory'),
    selector: fields.optionalOneOf('selector', selectorIds),
    verifyCommand: fields.optionalString('verifyCommand'),
    verifySeconds: fields.optionalNumber('verifySeconds', { min: 1, max: 3600, whole: true }),
    candidates: fields.optionalNumber('candidates', candidateRange),
    ...readStepSearch(fields),
    maxThoughtTokens: fields.optionalNumber('maxThoughtTokens', thoughtRange),
    skipPreamble: fields.optionalBoolean('skipPreamble'),
    budgetTokens: fields.optionalNumber('budgetTokens', thoughtRange),
    tokensPerDay: fields.optionalNumber('tokensPerDay', { min: 0, max: 1e12, whole: true }),
    budgetSeconds: fields.optionalNumber('budgetSeconds', secondsRange),
    ...readEarlyStopping(fields),
    completionMaxTokens: fields.optionalNumber('completionMaxTokens', tokenRange),
    multiline: fields.optionalOneOf('multiline', multilineChoices),
    speculation: fields.optionalOneOf('speculation', speculationChoices),
    draftModel: fields.optionalString('draftModel'),
    adapter: fields.optionalString('adapter'),
    adapterScale: fields.optionalNumber('adapterScale', adapterScaleRange),
    cacheType: fields.optionalOneOf('cacheType', cacheTypeChoices),
    memoryBytesLimit: fields.optionalNumber('memoryBytesLimit', { min: 0, max: 1e15, whole: true }),
    idleMinutes: fields.optionalNumber('idleMinutes', { min: 0, max: 1440, whole: true }),
    fastModel: fields.optionalString('fastModel'),
    fastCompletions: fields.optionalBoolean('fastCompletions'),
    traceFileLimit: fields.optionalNumber('traceFileLimit', { min: 0, max: 1e9, whole: true }),
    completionTraceFileLimit: fields.optionalNumber('completionTraceFileLimit', {
      min: 0,
      max: 1e9,
      whole: true,
    }),
    traceBytesLimit: fields.optionalNumber('traceBytesLimit', { min: 0, max: 1e15, whole: true }),
    prefixBytesLimit: fields.optionalNumber('prefixBytesLimit', { min: 0, max: 1e15, whole: true }),
    prefixDiskBytesLimit: fields.optionalNumber('prefixDiskBytesLimit', { min: 0, max: 1e15, whole: true }),
  });
}

function readDefaults(): SidecarSettings {
  const prefix = 'entropane.';
  const defaults: Record<string, unknown> = {};
  for (const section of manifest.contributes.configuration) {
    const properties: Readonly<Record<string, { readonly default?: unknown } | undefined>> =
      section.properties;
    for (const [key, property] of Object.entries(properties)) {
      if (key.startsWith(prefix)) defaults[key.slice(prefix.length)] = property?.default;
    }
  }
  const settings = readSettings(new FieldReader(defaults, 'package.json contributes.configuration'));
  if (!isComplete(settings)) {
    throw new Error('package.json lacks the default of a setting that the sidecar acts on');
  }
  return settings;
}

/** Every member that `readSettings` can give; the compiler holds the list complete. */
const settingNames: Readonly<Record<keyof SidecarSettings, true>> = {
  model: true,
  storePath: true,
  contextTokens: true,
  threads: true,
  route: true,
  strategy: true,
  difficulty: true,
  strategyMemory: true,
  selector: true,
  verifyCommand: true,
  verifySeconds: true,
  candidates: true,
  stepChildren: true,
  maxSteps: true,
  maxThoughtTokens: true,
  skipPreamble: true,
  budgetTokens: true,
  budgetSeconds: true,
  tokensPerDay: true,
  consensus: true,
  trialConfidence: true,
  steadyAnswers: true,
  confidencePruning: true,
  completionMaxTokens: true,
  multiline: true,
  speculation: true,
  draftModel: true,
  adapter: true,
  adapterScale: true,
  cacheType: true,
  memoryBytesLimit: true,
  idleMinutes: true,
  fastModel: true,
  fastCompletions: true,
  traceFileLimit: true,
  completionTraceFileLimit: true,
  traceBytesLimit: true,
  prefixBytesLimit: true,
  prefixDiskBytesLimit: true,
};

function isComplete(settings: Partial<SidecarSettings>): settings is SidecarSettings {
  return Object.keys(settingNames).every((name) => name in settings);
}

/**
 * Every setting's default, read from the extension manifest, which is the only place that states them. The bundler
 * puts the manifest into the bundle, so command line and editor cannot disagree.
 */
export const defaultSettings: SidecarSettings = readDefaults();
