import { settingsTable, type NumberSettingKey } from '../../protocol/settingsTable.ts';
import type { NumberRange } from './fieldReader.ts';

// Ranges of parameters that the wire, the settings and the command line all take.

/** The range of a setting, as the manifest states it. */
function settingRange(key: NumberSettingKey): NumberRange {
  const { kind, min, max } = settingsTable[key];
  return { min, max, whole: kind === 'whole' };
}

/** Candidates of one request: what one batch decodes at a gain. */
export const candidateRange = settingRange('candidates');
/** Next steps tried after each that a search keeps, and steps of its longest thought. */
export const stepChildrenRange = settingRange('stepChildren');
export const maxStepsRange = settingRange('maxSteps');
export const seedRange: NumberRange = { min: 0, max: 2 ** 32 - 1, whole: true };
export const temperatureRange: NumberRange = { min: 0, max: 10 };
/** Tokens of a completion. */
export const completionRange = settingRange('completionMaxTokens');
/** A probability from which a trial answer is trusted; 0 makes no trials. */
export const trialConfidenceRange = settingRange('trialConfidence');
/** Tokens of a thought, which may be left out. */
export const thoughtRange = settingRange('maxThoughtTokens');
/** Tokens of a request, which may be none. */
export const budgetRange = settingRange('budgetTokens');
/** Seconds of a request; 0 where that means unbounded is said there. */
export const secondsRange = settingRange('budgetSeconds');
/** Errors and warnings that an editor has for some code. */
export const diagnosticRange: NumberRange = { min: 0, max: 1_000_000, whole: true };
/** What an adapter's change is multiplied by. */
export const adapterScaleRange = settingRange('adapterScale');
