import { CodedError } from '../../protocol/codedError.ts';
import { isRecord } from '../../protocol/isRecord.ts';
import { readTextQuality } from '../../sidecar/layerSkip/textQuality.ts';
import { type BlockChoice, checkDroppedBlocks, type PlanMeasurement, type PrunePlan } from './prunePlan.ts';

/** Raised when a member changes its meaning; a reader refuses a higher one. */
const planVersion = 1;
const choiceTypes = [
  'listed',
  'unified',
  'influence',
  'loss',
] as const satisfies readonly BlockChoice['type'][];

/** A plan as the text of a JSON file. */
export function encodePlan(plan: PrunePlan): string {
  return `${JSON.stringify({ version: planVersion, ...plan }, null, 2)}\n`;
}

/** A plan from a file's text. Throws `plan.invalid` with the first member that is not as it should be. */
export function parsePlan(text: string, path: string): PrunePlan {
  const fail = (why: string): never => {
    throw new CodedError(
      'plan.invalid',
      `${path} holds no plan that this version can read: ${why}.`,
      'Make the plan again with "entropane prune MODEL --measure --plan FILE".',
    );
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('it is not JSON');
  }
  if (!isRecord(value)) return fail('it is not an object');
  const { version, sourceSha256, blockCount, droppedBlocks, choice, measured } = value;
  if (version !== planVersion) return fail(`its version is ${JSON.stringify(version)}, not ${planVersion}`);
  if (typeof sourceSha256 !== 'string') return fail('"sourceSha256" is not a text');
  if (typeof blockCount !== 'number' || !Number.isInteger(blockCount))
    return fail('"blockCount" is not a whole number');
  if (!isNumbers(droppedBlocks)) return fail('"droppedBlocks" is not a list of numbers');
  const type = choiceTypes.find((known) => isRecord(choice) && choice['type'] === known);
  if (type === undefined) return fail('"choice" is none of those known');
  const plan = {
    sourceSha256,
    blockCount,
    droppedBlocks: checkDroppedBlocks(droppedBlocks, blockCount),
    choice: { type },
  };
  if (measured === undefined) return plan;
  return { ...plan, measured: readMeasurement(measured) ?? fail('"measured" is not whole') };
}

function readMeasurement(value: unknown): PlanMeasurement | null {
  if (!isRecord(value)) return null;
  const { textSha256, seed, scores, quality } = value;
  if (typeof textSha256 !== 'string' || typeof seed !== 'number' || !Array.isArray(scores)) return null;
  const isScore = (score: unknown): score is number | null => score === null || typeof score === 'number';
  const read = readTextQuality(quality);
  return read === null || !scores.every(isScore) ? null : { textSha256, seed, scores, quality: read };
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}
