import { CodedError } from '../../../protocol/codedError.ts';
import { isAbsent } from '../../../sidecar/process/systemError.ts';
import { PackedValueSet, type ScoredQuestion } from '../valueSet/packedValueSet.ts';
import { basisOf } from '../valueSet/packValueSet.ts';
import { readStates, readStatesHeader } from '../valueSet/statesFile.ts';
import type { StatedQuestion } from '../valueSet/valueQuestion.ts';
import type { HeadMaterial } from './makeValueHead.ts';
import { scoredBy } from './valueExamples.ts';

/** Components fitted to whole states, where there is no packed set that has some; fewer for few states. */
const mostComponents = 128;
/** States for each component at least. */
const statesPerComponent = 4;

/** Where the set of a model is, and whose states it must have. */
export interface MaterialPlace {
  readonly identity: { readonly hash: string };
  readonly statesPath: string;
}

/**
 * The questions that a head is fitted to: of a packed set with its own basis where a folder is given, else of a states file, to
 * which a basis is fitted (up to minutes). Throws `calibration.mismatch` for a set of another model or a damaged one, and
 * `calibration.unbalanced` where there is none.
 */
export async function readHeadMaterial(
  { identity, statesPath }: MaterialPlace,
  packedFolder: string | null,
): Promise<HeadMaterial> {
  const material = packedFolder === null ? await readWhole(statesPath) : await readPacked(packedFolder);
  if (material.header.modelHash === identity.hash) return material;
  throw new CodedError(
    'calibration.mismatch',
    `The value set has states of ${material.header.modelName}, which is another model, so no head can be fitted to it.`,
    'Name the model of the set with --model, or sample a set of this one.',
  );
}

async function readPacked(folder: string): Promise<HeadMaterial> {
  const set = await PackedValueSet.open(folder);
  if (set === null) throw withoutSet(folder);
  const questions: ScoredQuestion[] = [];
  for await (const question of set.questions()) questions.push(question);
  return { header: set.header, basis: set.basis, questions };
}

async function readWhole(statesPath: string): Promise<HeadMaterial> {
  try {
    const header = await readStatesHeader(statesPath);
    const questions: StatedQuestion[] = [];
    for await (const question of readStates(statesPath)) questions.push(question);
    const states = questions.reduce((sum, question) => sum + question.states.length, 0);
    if (states === 0) throw withoutSet(statesPath);
    const componentCount = Math.max(1, Math.min(mostComponents, Math.floor(states / statesPerComponent)));
    const basis = basisOf(questions, { componentCount, bits: 8 });
    return { header, basis, questions: questions.map(scoredBy(basis)) };
  } catch (thrown) {
    throw isAbsent(thrown) ? withoutSet(statesPath) : thrown;
  }
}

function withoutSet(place: string): CodedError {
  return new CodedError(
    'calibration.unbalanced',
    `There is no value set at ${place}, so there is nothing to fit a head to.`,
    'Sample one first: entropane calibrate --value-set --questions FILE.',
  );
}
