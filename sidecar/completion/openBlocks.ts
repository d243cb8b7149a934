import type { CodeShape, Mark } from '../syntax/codeShape.ts';
import { indentWidth } from './indentWidth.ts';

/** A bracket or block that is open at the cursor. */
export interface OpenBlock {
  /** See `Mark.pair`. */
  readonly pair: string;
  /** Whether the text after the cursor closes it already. */
  readonly isClosed: boolean;
}

/**
 * The blocks that are open at an offset of a text, the innermost last. `reachesEnd`: the text is the document's to its end;
 * otherwise a block whose closing half is not in it counts as closed.
 */
export function openBlocks(
  text: string,
  shape: Pick<CodeShape, 'marks' | 'quotations'>,
  { offset, reachesEnd }: { readonly offset: number; readonly reachesEnd: boolean },
): readonly OpenBlock[] {
  const opened = openAt(shape.marks, offset);
  const closers = unopenedAfter(shape.marks, offset);
  const closed = new Set<Mark>();
  let innermost = opened.length - 1;
  for (const closer of closers) {
    const at = closedBy(text, closer, opened.slice(0, innermost + 1));
    if (at < 0) continue;
    const block = opened[at];
    if (block !== undefined) closed.add(block);
    innermost = at - 1;
  }
  return opened.map((mark, index) => ({
    pair: mark.pair,
    isClosed: closed.has(mark) || (!reachesEnd && index <= innermost),
  }));
}

/** Marks before the offset that nothing before it closes. */
function openAt(marks: readonly Mark[], offset: number): readonly Mark[] {
  const open: Mark[] = [];
  for (const mark of marks) {
    if (mark.at >= offset) break;
    if (mark.opens) {
      open.push(mark);
      continue;
    }
    const at = open.findLastIndex(({ pair }) => pair === mark.pair);
    if (at >= 0) open.length = at;
  }
  return open;
}

/** Closing marks after the offset that nothing after it opens. */
function unopenedAfter(marks: readonly Mark[], offset: number): readonly Mark[] {
  const open: Mark[] = [];
  const unopened: Mark[] = [];
  for (const mark of marks) {
    if (mark.at < offset) continue;
    if (mark.opens) {
      open.push(mark);
      continue;
    }
    const at = open.findLastIndex(({ pair }) => pair === mark.pair);
    if (at >= 0) open.length = at;
    else unopened.push(mark);
  }
  return unopened;
}

/**
 * Which of the open blocks a closing mark closes: the innermost of its pair. A mark that begins its line closes the innermost
 * that is indented as much as it, where there is one. Negative for none.
 */
function closedBy(text: string, closer: Mark, opened: readonly Mark[]): number {
  const isOfPair = ({ pair }: Mark): boolean => pair === closer.pair;
  const line = lineAt(text, closer.at);
  if (text.slice(line.start, closer.at).trim() === '') {
    const indent = indentWidth(line.text);
    const alike = opened.findLastIndex(
      (mark) => isOfPair(mark) && indentWidth(lineAt(text, mark.at).text) === indent,
    );
    if (alike >= 0) return alike;
  }
  return opened.findLastIndex(isOfPair);
}

function lineAt(text: string, offset: number): { readonly start: number; readonly text: string } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return { start, text: text.slice(start, end < 0 ? text.length : end) };
}
