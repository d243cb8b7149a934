import type { Node } from '@vscode/tree-sitter-wasm';

/** Nodes that mark an error, of one tree. */
export interface TreeErrors {
  /** Up to `mostErrors`. */
  readonly count: number;
  /** Place of the first error; both from 0, the column in UTF-16 units. Null without any. */
  readonly first: { readonly row: number; readonly column: number } | null;
}

/** Most errors counted: a text without any code has as many as it has words. */
const mostErrors = 100;

/** Counts the errors of a tree. */
export function errorsBelow(root: Node): TreeErrors {
  let count = 0;
  let first: TreeErrors['first'] = null;
  const open = [root];
  for (let node = open.pop(); node !== undefined && count < mostErrors; node = open.pop()) {
    if (node.isError || node.isMissing) {
      count += 1;
      first ??= node.startPosition;
    }
    if (!node.hasError) continue;
    // In the order of the text, since the last one in is the next one out.
    for (const child of node.children.toReversed()) if (child !== null) open.push(child);
  }
  return { count, first };
}
