import { CodedError } from '../../../protocol/codedError.ts';
import { seededOrder } from '../../../sidecar/numeric/seededOrder.ts';
import { PackedValueSet } from './packedValueSet.ts';
import { readStates, readStatesHeader } from './statesFile.ts';
import { fitBasis, type QuantisedBits } from './valueBasis.ts';
import type { StatedQuestion } from './valueQuestion.ts';

export interface PackingTask {
  /** File of whole states; see `StatesFile`. */
  readonly statesPath: string;
  readonly folder: string;
  /** Components of a new set; one that is there keeps its own. */
  readonly componentCount: number;
  readonly bits: QuantisedBits;
}

export interface PackingResult {
  readonly questionCount: number;
  readonly addedQuestions: number;
  readonly sizeBytes: number;
}

/** States that a basis is fitted to at most: more change its components little and take long. */
const mostFittedStates = 8_000;
/** And at least so many for each component: a set keeps what it begins with. */
const fewestStatesPerComponent = 4;
/** Stream of the seed that chooses them. */
const fittedStream = 0;

/**
 * Adds the questions of a states file that a packed set lacks to it, as one part; makes the set, with a basis fitted to the
 * states that are there, where there is none. The states file may be written meanwhile. Throws `calibration.mismatch`,
 * `calibration.unbalanced` where a new set would begin with too few states, `store.unwritable` and `disk.full`.
 */
export async function packValueSet({
  statesPath,
  folder,
  componentCount,
  bits,
}: PackingTask): Promise<PackingResult> {
  const header = await readStatesHeader(statesPath);
  const existing = await PackedValueSet.open(folder);
  const done = (await existing?.questionHashes()) ?? new Set<string>();
  const added: StatedQuestion[] = [];
  for await (const question of readStates(statesPath))
    if (!done.has(question.questionHash)) added.push(question);
  if (existing === null) requireStates(added, componentCount);
  const set =
    existing ?? (await PackedValueSet.create(folder, header, basisOf(added, { componentCount, bits })));
  const { questionCount, sizeBytes } = await set.withPart(added, header);
  return { questionCount, addedQuestions: added.length, sizeBytes };
}

/** A basis of a seeded choice of states: all of them where they are few. */
export function basisOf(
  questions: readonly StatedQuestion[],
  shape: { readonly componentCount: number; readonly bits: QuantisedBits },
): ReturnType<typeof fitBasis> {
  const states = questions.flatMap((question) => question.states);
  const chosen = seededOrder(states.length, 0, fittedStream).slice(0, mostFittedStates);
  return fitBasis(
    chosen.flatMap((index) => states[index] ?? []),
    shape,
  );
}

function requireStates(questions: readonly StatedQuestion[], componentCount: number): void {
  const states = questions.reduce((sum, question) => sum + question.states.length, 0);
  const needed = fewestStatesPerComponent * componentCount;
  if (states >= needed) return;
  throw new CodedError(
    'calibration.unbalanced',
    `${componentCount} components cannot be fitted to ${states} states: it takes ${needed} at least.`,
    'Let the sampling run until some hundred questions are done.',
  );
}
