import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { parseBatch } from '../../sidecar/cli/batch/batchRows.ts';
import { parseAnswer } from '../../sidecar/selection/answerExtraction.ts';

/** A question whose answer is known. */
export interface Question {
  readonly id: string;
  /** Place in the file; decides, with the seed, what a request draws. */
  readonly index: number;
  readonly question: string;
  /** In the form that answers of candidates are brought to. */
  readonly answer: string;
}

export interface QuestionSet {
  readonly name: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  readonly questions: readonly Question[];
}

/**
 * A test set by the name of its file in a folder: JSON Lines with `id`, `question` and `answer`. Throws
 * `parameter.invalid` for a file that cannot be read, `batch.unreadable` for a line that is no question.
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
  return { name, hash: createHash('sha256').update(text).digest('hex'), questions: parseQuestions(text) };
}

/**
 * Whether a canonical answer is the one that was looked for, whatever spaces and groups it is written with: LaTeX
 * leaves both to taste.
 */
export function isRight(answer: string | null, expected: string): boolean {
  return answer !== null && ungrouped(answer) === ungrouped(expected);
}

function ungrouped(answer: string): string {
  const joined = answer.replace(/\\[!,;: ]|[\s{}]/g, '');
  return /^\d{1,3}(?:,\d{3})+$/.test(joined) ? joined.replaceAll(',', '') : joined;
}

/** Pure. Throws as `readQuestionSet` does. */
export function parseQuestions(text: string): readonly Question[] {
  const rows = parseBatch(text, (fields) => {
    const answer = fields.string('answer').trim();
    if (answer === '') throw new CodedError('parameter.invalid', 'its answer is empty', 'Give a value.');
    // What extraction takes for no answer is never reached by a candidate either: it counts as unsolved.
    const canonical = parseAnswer(answer)?.canonical ?? answer;
    return { id: fields.string('id'), question: fields.string('question'), answer: canonical };
  });
  if (rows.length === 0) {
    throw new CodedError('batch.unreadable', 'The test set has no questions.', 'Give another file.');
  }
  return rows.map((row, index) => ({ ...row, index }));
}
