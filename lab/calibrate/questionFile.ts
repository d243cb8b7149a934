import { createHash } from 'node:crypto';
import { CodedError } from '../../protocol/codedError.ts';
import { parseAnswer } from '../../sidecar/reasoning/answers/answerExtraction.ts';
import { FieldReader } from '../../sidecar/validation/fieldReader.ts';

/** A question whose answer is known. */
export interface CalibrationQuestion {
  readonly id: string | number;
  readonly question: string;
  /** In the one form that all ways of writing it share. */
  readonly answer: string;
  /** Hash of question and answer: shows whether a sample was taken of this very question. */
  readonly hash: string;
}

/** Bad lines named in a message; more are counted. */
const namedLines = 5;

/**
 * The questions of a JSON Lines text, blank lines left out and other members ignored: each has an `id`, a `question`
 * and an `answer` that can be compared. Throws `questions.invalid`, which names the lines that cannot be used, before
 * anything is sampled. A question that comes again counts once: its two places would be labelled alike, and one might lie
 * among those that the other's probe is judged by.
 */
export function parseQuestions(text: string, path: string): readonly CalibrationQuestion[] {
  const questions: CalibrationQuestion[] = [];
  const faults: string[] = [];
  const lineOf = new Map<string | number, number>();
  const asked = new Map<string, { readonly answer: string; readonly lineNumber: number }>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const lineNumber = index + 1;
    try {
      const question = readQuestion(line);
      const earlier = lineOf.get(question.id);
      if (earlier !== undefined) throw new Fault(`has the id of line ${earlier}`);
      lineOf.set(question.id, lineNumber);
      const normalised = question.question.normalize('NFKC').replace(/\s+/g, ' ').trim();
      const before = asked.get(normalised);
      if (before === undefined) {
        asked.set(normalised, { answer: question.answer, lineNumber });
        questions.push(question);
      } else if (before.answer !== question.answer) {
        throw new Fault(`asks what line ${before.lineNumber} asks, with another answer`);
      }
    } catch (thrown) {
      faults.push(`line ${lineNumber} ${reasonOf(thrown)}`);
    }
  }
  if (faults.length > 0) {
    const more = faults.length > namedLines ? `; and ${faults.length - namedLines} more` : '';
    const named = faults.slice(0, namedLines).join('; ');
    throw invalid(`${path} cannot be used: ${named}${more}. No question was asked.`);
  }
  if (questions.length === 0) throw invalid(`${path} has no questions. No question was asked.`);
  return questions;
}

/** SHA-256 over the questions in their order, in lower-case hex: names the set that a probe was fitted to. */
export function hashQuestions(questions: readonly Pick<CalibrationQuestion, 'hash'>[]): string {
  const hash = createHash('sha256');
  for (const question of questions) hash.update(`${question.hash}\n`);
  return hash.digest('hex');
}

/** Why a line cannot be used, as what its line number is put before. */
class Fault extends Error {}

function readQuestion(line: string): CalibrationQuestion {
  const fields = new FieldReader(parseJson(line), 'question');
  const id = fields.optionalToken('id');
  if (id === undefined) throw new Fault('has no id');
  const question = fields.optionalString('question');
  if (question === undefined || question.trim() === '') throw new Fault('has no question');
  const written = fields.optionalToken('answer');
  if (written === undefined || String(written).trim() === '') throw new Fault('has no answer');
  const answer = parseAnswer(String(written));
  if (answer === null) throw new Fault(`has an answer that cannot be compared: ${JSON.stringify(written)}`);
  const hash = createHash('sha256')
    .update(JSON.stringify([question, answer.canonical]))
    .digest('hex');
  return { id, question, answer: answer.canonical, hash };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Fault('is not JSON');
  }
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof Fault) return thrown.message;
  if (thrown instanceof CodedError) return `is wrong: ${thrown.message.replace(/\.$/, '')}`;
  throw thrown;
}

function invalid(message: string): CodedError {
  return new CodedError(
    'questions.invalid',
    message,
    'Give one JSON object a line with "id", "question" and "answer"; docs/DIFFICULTY.md shows one.',
  );
}
