import { readFile } from 'node:fs/promises';
import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import { readOnnxMetadata } from '../../../sidecar/reasoning/difficulty/onnxMetadata.ts';
import { questionMark } from '../../../sidecar/reasoning/difficulty/probe.ts';
import type { ValuePlace } from '../../../sidecar/reasoning/value/valueFeatures.ts';
import { valueHeadMetadataKeys } from '../../../sidecar/reasoning/value/valueHead.ts';
import type { CalibrationQuestion } from '../../calibrate/questionFile.ts';

/** What a head's file says of the questions that it was fitted to. */
export interface HeadFacts {
  /** Share of right candidates among them, by place: what a constant says. */
  readonly rightShares: Readonly<Record<ValuePlace, number>>;
  /** `questionMark` of each. */
  readonly trainingMarks: ReadonlySet<string>;
}

/** Reads them from the file of a head that serves. Throws system errors as they come. */
export async function readHeadFacts(file: string): Promise<HeadFacts> {
  const metadata = readOnnxMetadata(await readFile(file));
  const marks = metadata?.get(valueHeadMetadataKeys.trainingQuestions) ?? '';
  const validation: unknown = JSON.parse(metadata?.get(valueHeadMetadataKeys.validation) ?? '{}');
  const places = isRecord(validation) && isRecord(validation['places']) ? validation['places'] : {};
  const shareAt = (place: ValuePlace): number => {
    const report = places[place];
    return isRecord(report) && typeof report['correctShare'] === 'number' ? report['correctShare'] : NaN;
  };
  return {
    rightShares: { lineEnd: shareAt('lineEnd'), answer: shareAt('answer') },
    trainingMarks: new Set(marks.split(' ').filter((mark) => mark !== '')),
  };
}

/** Throws `parameter.invalid` where the head was fitted to one of the questions: figures of those promise too much. */
export function requireNotFitted(
  questions: readonly Pick<CalibrationQuestion, 'id' | 'hash'>[],
  { trainingMarks }: Pick<HeadFacts, 'trainingMarks'>,
): void {
  const seen = questions.filter(({ hash }) => trainingMarks.has(questionMark(hash)));
  const [first] = seen;
  if (first === undefined) return;
  throw new CodedError(
    'parameter.invalid',
    `The value head was fitted to ${seen.length} of these questions, such as ${first.id}: what is measured on them promises too much.`,
    'Take another set with --set, or leave those out with --from and --limit.',
  );
}
