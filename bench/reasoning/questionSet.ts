import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { parseQuestions, type CalibrationQuestion } from '../../sidecar/calibration/questionFile.ts';

/** A question whose answer is known. */
export interface Question extends CalibrationQuestion {
  readonly id: string;
  /** Place in the file; decides, with the seed, what a request draws. */
  readonly index: number;
}

export interface QuestionSet {
  readonly name: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  readonly questions: readonly Question[];
}

/**
 * A test set by the name of its file in a folder, of the form that `calibrate` reads. Throws `parameter.invalid` for a file
 * that cannot be read, and as `parseQuestions` does.
 */
export async function readQuestionSet(dataFolder: string, name: string): Promise<QuestionSet> {
  const path = join(dataFolder, `${name}.jsonl`);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new CodedError(
      'parameter.invalid',
      `The questions of ${name} cannot be read from ${path}.`,
      `Give the folder that holds ${name}.jsonl with --data.`,
      { cause },
    );
  });
  const questions = parseQuestions(text, path).map((question, index) => ({
    ...question,
    id: String(question.id),
    index,
  }));
  const ids = questions.map(({ id }) => id);
  const twice = ids.find((id, place) => ids.indexOf(id) < place);
  if (twice !== undefined)
    throw new CodedError(
      'parameter.invalid',
      `${path} has two questions with the id ${twice}, so their answers cannot be told apart.`,
      'Give each question an id of its own.',
    );
  return { name, hash: createHash('sha256').update(text).digest('hex'), questions };
}
