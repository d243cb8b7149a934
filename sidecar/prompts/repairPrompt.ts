import type { ChatMessage } from '../engine/engine.ts';
import { fenced } from './chatPrompt.ts';

/** Characters of a report that a repair is shown: its beginning says what ran, its end what failed. Our choice. */
const headCharacters = 400;
const tailCharacters = 1200;

/** A program that fails, and what was said against it. */
export interface FailedProgram {
  readonly text: string;
  readonly languageId: string;
  readonly failure: ProgramFailure;
}

/** What speaks against a program, in a sentence, and what its test wrote; empty where nothing did. */
export interface ProgramFailure {
  readonly sentence: string;
  readonly output: string;
}

/**
 * The chat that asks for a program to be corrected: the question as it was put, the program as the answer to it, then the
 * failure. It begins as the question's own prompt does, so that much is read from the cache. Pure.
 */
export function repairMessages(
  asked: readonly ChatMessage[],
  { text, languageId, failure: { sentence, output } }: FailedProgram,
  written: WrittenPart = 'program',
): readonly ChatMessage[] {
  const report = output.trim() === '' ? sentence : `${sentence}\n${fenced(excerptOfReport(output), '')}`;
  return [
    ...asked,
    { role: 'assistant', content: fenced(text, languageId) },
    { role: 'user', content: `${report}\n\nFind the error and correct it. ${repairForms[written]}` },
  ];
}

/** What candidates write: a whole program, or the lines of a file that take the place of others. */
export type WrittenPart = 'program' | 'lines';

const repairForms: Readonly<Record<WrittenPart, string>> = {
  program: 'Write the whole corrected program in one code block.',
  lines: 'Print only the corrected lines, with their indentation, in one code block and nothing else.',
};

/** A report in at most 1,600 characters and a note: both its ends, and how much is left out between. Pure. */
function excerptOfReport(report: string): string {
  const left = report.length - headCharacters - tailCharacters;
  if (left <= 0) return report;
  const [head, tail] = [report.slice(0, headCharacters), report.slice(-tailCharacters)];
  return `${head}\n… ${left} characters left out …\n${tail}`;
}
