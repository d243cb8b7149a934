import type { NumberRange } from './fieldReader.ts';

// Ranges of parameters that the wire, the settings and the command line all take.

/** Candidates of one request: what one batch decodes at a gain. `package.json` states the same bound. */
export const candidateRange: NumberRange = { min: 1, max: 16, whole: true };
/** Next steps tried behind each that a search keeps, and steps of its longest thought. `package.json` states the same. */
export const stepChildrenRange: NumberRange = { min: 1, max: 8, whole: true };
export const maxStepsRange: NumberRange = { min: 1, max: 64, whole: true };
export const seedRange: NumberRange = { min: 0, max: 2 ** 32 - 1, whole: true };
export const temperatureRange: NumberRange = { min: 0, max: 10 };
/** Tokens of something that must write at least one. */
export const tokenRange: NumberRange = { min: 1, max: 1_000_000, whole: true };
/** A probability from which a trial answer is trusted; 0 makes no trials. `package.json` states the same bound. */
export const trialConfidenceRange: NumberRange = { min: 0, max: 1 };
/** Tokens of a thought, which may be left out, and of a budget, which may be none. */
export const thoughtRange: NumberRange = { ...tokenRange, min: 0 };
/** Seconds of a request; 0 where that means unbounded is said there. */
export const secondsRange: NumberRange = { min: 0, max: 86_400 };
/** Errors and warnings that an editor has for some code. */
export const diagnosticRange: NumberRange = { min: 0, max: 1_000_000, whole: true };
/** What an adapter's change is multiplied by. `package.json` states the same bound. */
export const adapterScaleRange: NumberRange = { min: 0, max: 2 };
