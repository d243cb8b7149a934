import { isRecord } from '../../protocol/isRecord.ts';
import { readTextQuality, type TextQuality } from './textQuality.ts';

/** A ratio that was measured several times: its median, and the range that half of the rounds lie in. */
export interface MeasuredRatio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

/** What one file without some blocks was measured to be worth on one machine. */
export interface SkipMeasurement {
  /** Absolute path of the file. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Hash of what the file says of how it was made: another file in its place has another. */
  readonly pruningSha256: string;
  readonly droppedBlocks: readonly number[];
  /** Its remaining blocks were fitted to make up for what is missing. */
  readonly isHealed: boolean;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  /** Processor and threads that measured. */
  readonly machine: string;
  readonly textSha256: string;
  /** Its tokens per second by the whole model's, both decoding by themselves, in turns. */
  readonly decodeSpeed: MeasuredRatio;
  readonly quality: TextQuality;
  /** Share of its drafted tokens that the whole model took over, greedy; null where it cannot draft. */
  readonly draftAcceptance: number | null;
  /** Null for a model that fills no gaps. */
  readonly filledLines: FilledLines | null;
}

/** Shares of lines that were filled in exactly as they were, by the smaller file and by the whole model. */
export interface FilledLines {
  readonly smaller: number;
  readonly whole: number;
  readonly lines: number;
}

/** All that was measured of the smaller files of one model. One file a model in the store. */
export interface SkipProfile {
  readonly version: typeof profileVersion;
  readonly sourceSha256: string;
  readonly sourceName: string;
  /** Latest first, one a file and machine. */
  readonly measurements: readonly SkipMeasurement[];
}

/** Raised when a member changes its meaning. */
export const profileVersion = 1;

/** Below this a direct answer is not faster by enough to be worth being worse. */
const worthwhileSpeed = 1.05;
/** Below this agreement the smaller model writes another text. Agreement above it shows nothing. */
const leastAgreement = 0.8;
/** Share of all lines that a smaller file may fill in less often than the whole model does. */
const mostLinesLost = 0.02;

/** What a measurement says of a use: that it pays, or why it does not. */
export interface SkipVerdict {
  readonly pays: boolean;
  readonly why: string;
}

/** What a measurement says of letting the file answer by itself. */
export interface DirectVerdict {
  readonly finding: 'pays' | 'doesNotPay' | 'notShown';
  readonly why: string;
}

/**
 * Whether to let the file answer by itself. It pays where it is faster and fills in as many lines as the whole model, within
 * 2 points. Without a measurement of such lines agreement can rule a file out, and nothing shows that it pays. Pure.
 */
export function directVerdict({ decodeSpeed, quality, filledLines }: SkipMeasurement): DirectVerdict {
  const speed = `${decodeSpeed.median.toFixed(2)} times as fast`;
  if (decodeSpeed.low < worthwhileSpeed) {
    return { finding: 'doesNotPay', why: `It is only ${speed} (${range(decodeSpeed)}).` };
  }
  if (filledLines === null || filledLines.lines === 0) {
    const agreement = `${percent(quality.greedyAgreement)} of its tokens are the whole model’s`;
    return quality.greedyAgreement < leastAgreement
      ? { finding: 'doesNotPay', why: `It is ${speed}, but only ${agreement}.` }
      : {
          finding: 'notShown',
          why: `It is ${speed}, and ${agreement}, but how many lines it fills in was not measured.`,
        };
  }
  const { smaller, whole, lines } = filledLines;
  const filled = `it fills in ${percent(smaller)} of ${lines} lines, the whole model ${percent(whole)}`;
  // Counts are whole numbers, so that 2 points of 150 lines are 3 of them whatever the rounding of shares.
  return Math.round((whole - smaller) * lines) > mostLinesLost * lines
    ? { finding: 'doesNotPay', why: `It is ${speed}, but ${filled}.` }
    : { finding: 'pays', why: `It is ${speed}, and ${filled}.` };
}

/**
 * Whether to let the file draft for the whole model. With drafts accepted at the rate α and costing 1/s of a step each,
 * k of them give (1 − α^(k+1))/(1 − α) tokens for 1 + k/s steps if checking them were free: an upper bound, so what
 * does not pay by it cannot pay. Pure.
 */
export function draftVerdict({ decodeSpeed, quality, draftAcceptance }: SkipMeasurement): SkipVerdict {
  const bound = draftBound(draftAcceptance ?? quality.greedyAgreement, decodeSpeed);
  const gain = bound.toFixed(2);
  return bound < worthwhileSpeed
    ? { pays: false, why: `Even if checking drafts were free it would gain no more than ${gain} times.` }
    : {
        pays: true,
        why: `It may gain up to ${gain} times; the governor measures what checking drafts leaves of that.`,
      };
}

/** Whether either use could pay at this speed if every token were the whole model's. Pure. */
export function couldPay(decodeSpeed: MeasuredRatio): boolean {
  return decodeSpeed.low >= worthwhileSpeed || draftBound(1, decodeSpeed) >= worthwhileSpeed;
}

const longestDraft = 16;

function draftBound(acceptance: number, { median }: MeasuredRatio): number {
  const lengths = Array.from({ length: longestDraft }, (_, index) => index + 1);
  const gains = lengths.map((length) => expectedTokens(acceptance, length) / (1 + length / median));
  return Math.max(1, ...gains);
}

function expectedTokens(acceptance: number, length: number): number {
  let expected = 1;
  for (let place = 1; place <= length; place++) expected += acceptance ** place;
  return expected;
}

/** The profile with a measurement in the place of an earlier one of the same file and machine. Pure. */
export function withMeasurement(profile: SkipProfile, measurement: SkipMeasurement): SkipProfile {
  const others = profile.measurements.filter(
    ({ path, machine }) => path !== measurement.path || machine !== measurement.machine,
  );
  return { ...profile, measurements: [measurement, ...others] };
}

/** The profile in a file's text; null where it is none, is of another version, or is of another model. */
export function parseSkipProfile(text: string, sourceSha256: string): SkipProfile | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || value['version'] !== profileVersion || value['sourceSha256'] !== sourceSha256) {
    return null;
  }
  const { sourceName, measurements } = value;
  if (typeof sourceName !== 'string' || !Array.isArray(measurements)) return null;
  return {
    version: profileVersion,
    sourceSha256,
    sourceName,
    measurements: measurements.flatMap((item: unknown) => readMeasurement(item) ?? []),
  };
}

function readMeasurement(value: unknown): SkipMeasurement | null {
  if (!isRecord(value)) return null;
  const { path, sizeBytes, pruningSha256, droppedBlocks, isHealed } = value;
  const { measuredAt, machine, textSha256, draftAcceptance } = value;
  const decodeSpeed = readRatio(value['decodeSpeed']);
  const quality = readTextQuality(value['quality']);
  if (
    typeof path !== 'string' ||
    typeof sizeBytes !== 'number' ||
    typeof pruningSha256 !== 'string' ||
    !Array.isArray(droppedBlocks) ||
    typeof isHealed !== 'boolean' ||
    typeof measuredAt !== 'string' ||
    typeof machine !== 'string' ||
    typeof textSha256 !== 'string' ||
    decodeSpeed === null ||
    quality === null
  ) {
    return null;
  }
  return {
    path,
    sizeBytes,
    pruningSha256,
    droppedBlocks: droppedBlocks.filter((block): block is number => typeof block === 'number'),
    isHealed,
    measuredAt,
    machine,
    textSha256,
    decodeSpeed,
    quality,
    draftAcceptance: typeof draftAcceptance === 'number' ? draftAcceptance : null,
    filledLines: readFilledLines(value['filledLines']),
  };
}

function readRatio(value: unknown): MeasuredRatio | null {
  if (!isRecord(value)) return null;
  const { median, low, high, rounds } = value;
  return [median, low, high, rounds].every((number) => typeof number === 'number')
    ? { median: Number(median), low: Number(low), high: Number(high), rounds: Number(rounds) }
    : null;
}

function readFilledLines(value: unknown): FilledLines | null {
  if (!isRecord(value)) return null;
  const { smaller, whole, lines } = value;
  return [smaller, whole, lines].every((number) => typeof number === 'number')
    ? { smaller: Number(smaller), whole: Number(whole), lines: Number(lines) }
    : null;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const range = ({ low, high }: MeasuredRatio): string => `${low.toFixed(2)} to ${high.toFixed(2)}`;
