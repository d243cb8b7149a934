import { counted } from '../../protocol/counted.ts';
import { linesOf } from './documentLines.ts';
import { codeSoFar } from './draftCode.ts';

/** Characters of a diff that a model is given: about 2,000 tokens, which a processor reads in seconds. */
const largestDiff = 6_000;

/** What a model is asked for a commit message with; the diff is attached. */
export const commitQuestion = [
  'Write the Git commit message for the attached diff.',
  'The first line says what changes, in the imperative, with at most 60 characters and without a full stop.',
  'Only if the reason is not clear from it: an empty line, then one or two short sentences.',
  'Answer with the message alone.',
].join(' ');

/** Of each file at least: its name and some lines. */
const smallestShare = 200;
/** Characters of a note that something was left out, at most. */
const noteRoom = 30;

/** A diff in which every file has its share, as many as there is room for, with a note where something was left out. Pure. */
export function clippedDiff(diff: string): string {
  if (diff.length <= largestDiff) return diff;
  const files = diff.split(/^(?=diff --git )/mu);
  const shown = files.slice(0, Math.floor((largestDiff - noteRoom) / smallestShare));
  const share = fairShare(
    shown.map((file) => file.length),
    largestDiff - noteRoom,
  );
  const rest = files.length - shown.length;
  const note = rest === 0 ? '' : `(${counted(rest, 'more file')})\n`;
  return shown.map((file) => clippedFile(file, share)).join('') + note;
}

/** The most that each of several may have so that all have room: what the small ones leave is for the others. */
function fairShare(lengths: readonly number[], room: number): number {
  let left = room;
  const ascending = lengths.toSorted((a, b) => a - b);
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index));
    if (length > share) return share;
    left -= length;
  }
  return room;
}

function clippedFile(file: string, share: number): string {
  if (file.length <= share) return file;
  const lines = file.split('\n');
  let length = noteRoom;
  // The first has the file's name.
  const kept = Math.max(
    1,
    lines.findIndex((line) => (length += line.length + 1) > share),
  );
  const text = lines
    .slice(0, kept)
    .join('\n')
    .slice(0, share - noteRoom);
  return `${text}\n(${lines.length - kept} more lines)\n`;
}

/** The message in an answer, without fences, quotes and a heading around it; null where there is none. Pure. */
export function commitMessageIn(answer: string): string | null {
  const text = codeSoFar(answer)?.join('\n') ?? answer;
  const lines = linesOf(text.trim()).map((line) => line.trimEnd());
  const isHeading = /^(?:#+\s*)?(?:\*\*)?(?:git )?commit message:?(?:\*\*)?:?$/iu.test(lines[0] ?? '');
  const [first = '', ...rest] = isHeading ? lines.slice(1).join('\n').trim().split('\n') : lines;
  const title = first
    .replace(/^(?:#+\s+|(?:\*\*)?(?:git )?commit message:(?:\*\*)?\s*)/iu, '')
    .replace(/^(["'`])(.*)\1$/u, '$2')
    .trim();
  if (title === '') return null;
  const body = rest.join('\n').trim();
  return body === '' ? title : `${title}\n\n${body}`;
}

/** A message that ended at its bound, without the line that it was cut in, unless that is its title. Pure. */
export function withoutCutLine(message: string): string {
  const end = message.lastIndexOf('\n');
  return end < 0 ? message : message.slice(0, end).trimEnd();
}
