import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { FieldReader } from '../../../sidecar/validation/fieldReader.ts';
import { type CalibrationQuestion, parseQuestions } from '../../calibrate/questionFile.ts';
import { type CodeTask, questionOf, readCodeTask } from '../tasks/codeTask.ts';

/** A question whose answer is known, or a program to write whose tests are. */
export interface Question extends Pick<CalibrationQuestion, 'question' | 'hash'> {
  readonly id: string;
  /** Place in the file; decides, with the seed, what a request draws. */
  readonly index: number;
  /** The canonical answer, or the program to write. */
  readonly expected: string | CodeTask;
}

/** Null for a question with an answer. */
export function programOf({ expected }: Pick<Question, 'expected'>): CodeTask | null {
  return typeof expected === 'string' ? null : expected;
}

export interface QuestionSet {
  readonly name: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  readonly questions: readonly Question[];
}

/**
 * A test set by the name of its file in a folder, of the form that `calibrate` reads, or with a program to write in each
 * line. Throws `parameter.invalid` for a file that cannot be read, and as `parseQuestions` does.
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
  const questions = (codeQuestions(text) ?? answeredQuestions(text, path)).map((question, index) => ({
    ...question,
    index,
  }));
  const ids = questions.map(({ id }) => id);
  const twice = ids.find((id, place) => ids.indexOf(id) < place);
  if (twice !== undefined)
    throw new CodedError(
      'parameter.invalid',
      `${path} has two questions with the id ${twice}, so their answers cannot be kept apart.`,
      'Give each question an id of its own.',
    );
  return { name, hash: createHash('sha256').update(text).digest('hex'), questions };
}

function answeredQuestions(text: string, path: string): readonly Omit<Question, 'index'>[] {
  return parseQuestions(text, path).map(({ id, question, answer, hash }) => ({
    id: String(id),
    question,
    hash,
    expected: answer,
  }));
}

/** The programs to write, where each line is one; null for any other file. */
function codeQuestions(text: string): readonly Omit<Question, 'index'>[] | null {
  const questions: Omit<Question, 'index'>[] = [];
  for (const line of text.split('\n').filter((text) => text.trim() !== '')) {
    const fields = new FieldReader(parsed(line), 'question');
    const task = readCodeTask(fields);
    if (task === null) return null;
    const hash = createHash('sha256').update(JSON.stringify(task)).digest('hex');
    const id = String(fields.optionalToken('id') ?? questions.length);
    questions.push({ id, question: questionOf(task), hash, expected: task });
  }
  return questions.length === 0 ? null : questions;
}

/** An empty object for a text that is not a JSON object; the other reader reports that. */
function parsed(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
