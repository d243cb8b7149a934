import { type CodeBlock, fencedCode } from '../../protocol/fencedCode.ts';
import { definedNames, hasOpenFence, mainBlockOf } from '../reasoning/answers/codeFence.ts';
import { withMarkersApart } from '../reasoning/answers/writtenCode.ts';
import { shortestLead } from './ownLines.ts';

/**
 * The block of an answer that takes the place of lines: among those that define what the lines define, where there are any, the
 * one that the answer is about. So a function stays, although an earlier block has a helper that it calls. One that quotes the lines
 * counts only where there is no other. Null where the block is blank or missing. Pure.
 */
export function editBlock(answer: string, replaced: string): CodeBlock | null {
  const all = fencedCode(withMarkersApart(answer)).blocks;
  const written = all.filter(({ text }) => bare(text) !== bare(replaced));
  const blocks = written.length === 0 ? all : written;
  const wanted = namesOf(replaced);
  const defining = blocks.filter(({ text }) => [...namesOf(text)].some((name) => wanted.has(name)));
  const main = mainBlockOf(defining.length === 0 ? blocks : defining);
  return main === null || main.text.trim() === '' ? null : main;
}

/** Code without what all its lines are indented by, and without blanks around it. */
function bare(code: string): string {
  return withoutLead(code.split('\n').map((line) => line.trimEnd()))
    .join('\n')
    .trim();
}

function withoutLead(lines: readonly string[]): readonly string[] {
  const { length } = shortestLead(lines);
  return lines.map((line) => line.slice(length));
}

/** Whether a block of an answer never closed. Pure. */
export function isCutOff(answer: string): boolean {
  return hasOpenFence(withMarkersApart(answer));
}

const value = /^(?:const|let|var)\s/;

/** Names that code defines, however far right all of it is. A value there is local, and examples often give theirs the same name. */
function namesOf(code: string): ReadonlySet<string> {
  const lines = code.split('\n');
  const moved = withoutLead(lines);
  const isLocal = shortestLead(lines) !== '';
  return definedNames((isLocal ? moved.filter((line) => !value.test(line)) : moved).join('\n'));
}
