import type { Mark } from '../syntax/codeShape.ts';
import type { OpenBlock } from './openBlocks.ts';

/** What a generated text does to the blocks that are open at the cursor. */
export interface ScopeWalk {
  /** Where the text closes something that is closed already, or that was never opened; null where it never does. */
  readonly leavesAt: number | null;
  /** Blocks that the text has opened and not closed. */
  readonly openedCount: number;
  /** Blocks around the cursor that the text has closed, each of which nothing else closes. */
  readonly closedCount: number;
}

/**
 * Follows the marks of a generated text. A line that closes a block and opens it again, such as `} else {`, leaves nothing.
 */
export function walkScope(text: string, marks: readonly Mark[], blocks: readonly OpenBlock[]): ScopeWalk {
  const own: string[] = [];
  const isClosed = blocks.map((block) => block.isClosed);
  let outer = blocks.length;
  const end = (leavesAt: number | null): ScopeWalk => ({
    leavesAt,
    openedCount: own.length,
    closedCount: blocks.length - outer,
  });
  for (let index = 0; index < marks.length; index++) {
    const mark = marks[index];
    if (mark === undefined) break;
    if (mark.opens) {
      own.push(mark.pair);
      continue;
    }
    if (own.length > 0) {
      const at = own.lastIndexOf(mark.pair);
      if (at >= 0) own.length = at;
      continue;
    }
    const isOfPair = blocks[outer - 1]?.pair === mark.pair;
    if (isOfPair && passOn(blocks, isClosed, outer - 1)) {
      outer -= 1;
      continue;
    }
    const reopening = isOfPair ? reopeningOf(text, marks, index) : null;
    if (reopening === null) return end(mark.at);
    index = reopening;
  }
  return end(null);
}

/**
 * Whether the innermost block may be closed by the text: nothing after the cursor closes it, or what does can close the
 * bracket around it instead, as in `f(g(x|)`. Notes that it does.
 */
function passOn(blocks: readonly OpenBlock[], isClosed: boolean[], innermost: number): boolean {
  if (isClosed[innermost] === false) return true;
  const pair = blocks[innermost]?.pair;
  if (pair !== ')' && pair !== ']') return false;
  for (let at = innermost - 1; at >= 0 && blocks[at]?.pair === pair; at--) {
    if (isClosed[at] !== false) continue;
    isClosed[at] = true;
    return true;
  }
  return false;
}

/** Index of the mark of the same line that opens again what the mark at `index` closes; null for none. */
function reopeningOf(text: string, marks: readonly Mark[], index: number): number | null {
  const closing = marks[index];
  if (closing === undefined) return null;
  const lineEnd = text.indexOf('\n', closing.at);
  let depth = 0;
  for (let later = index + 1; later < marks.length; later++) {
    const mark = marks[later];
    if (mark === undefined || (lineEnd >= 0 && mark.at >= lineEnd)) return null;
    if (mark.opens && depth === 0 && mark.pair === closing.pair) return later;
    depth += mark.opens ? 1 : -1;
    if (depth < 0) return null;
  }
  return null;
}
