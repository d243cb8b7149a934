import type { Node, TreeCursor } from '@vscode/tree-sitter-wasm';
import type { CodeShape, Mark, Quotation, TextRange } from './codeShape.ts';
import type { GrammarName } from './grammarFiles.mjs';
import { errorsBelow } from './treeErrors.ts';

/** Closing half by opening half. */
type Pairs = Readonly<Record<string, string>>;

const brackets: Pairs = { '(': ')', '[': ']', '{': '}' };
const script: Pairs = { ...brackets, '${': '}' };
const withPreprocessor: Pairs = { ...brackets, '#if': '#endif', '#ifdef': '#endif', '#ifndef': '#endif' };
const shell: Pairs = {
  ...script,
  '$(': ')',
  '<(': ')',
  '>(': ')',
  '[[': ']]',
  '((': '))',
  '$((': '))',
  if: 'fi',
  do: 'done',
  case: 'esac',
};

const pairsByGrammar: Partial<Record<GrammarName, Pairs>> = {
  bash: shell,
  c: withPreprocessor,
  cpp: withPreprocessor,
  javascript: script,
  php: script,
  ruby: { ...brackets, '#{': '}' },
  tsx: script,
  typescript: script,
};

const quotationKinds: Readonly<Record<string, Quotation['kind']>> = {
  block_comment: 'comment',
  command_substitution: 'code',
  comment: 'comment',
  expansion: 'code',
  interpolation: 'code',
  line_comment: 'comment',
  char_literal: 'string',
  character_literal: 'string',
  encapsed_string: 'string',
  heredoc_body: 'string',
  interpreted_string_literal: 'string',
  nowdoc: 'string',
  ansi_c_string: 'string',
  raw_string: 'string',
  raw_string_literal: 'string',
  rune_literal: 'string',
  string: 'string',
  string_literal: 'string',
  string_value: 'string',
  template_string: 'string',
  template_substitution: 'code',
  verbatim_string_literal: 'string',
};

/** Elements of JSX. */
const tagMarks: Readonly<Record<string, boolean>> = { jsx_opening_element: true, jsx_closing_element: false };

/** Reads the shape of a part of a syntax tree. */
export function treeShape(
  root: Node,
  grammar: GrammarName,
  part: TextRange = { from: root.startIndex, to: root.endIndex },
): CodeShape {
  const pairs = pairsByGrammar[grammar] ?? brackets;
  const closers = new Set(Object.values(pairs));
  const marks: Mark[] = [];
  const quotations: Quotation[] = [];
  /** Where strings of several lines begin that nothing ends. */
  const unended: number[] = [];
  walk(root, part, (cursor, parent) => {
    const { nodeType: type, startIndex: at, endIndex: end } = cursor;
    const kind = quotationKinds[type];
    if (kind !== undefined && cursor.nodeIsNamed) quotations.push({ kind, start: at, end });
    const isTagOpening = tagMarks[type];
    if (isTagOpening !== undefined) marks.push({ at, length: end - at, pair: 'tag', opens: isTagOpening });
    if (type === 'string_start' && parent.type === 'ERROR' && end - at >= 3) unended.push(at);
    if (type === '`' && cursor.nodeIsMissing) unended.push(parent.start);
    if (type === '`' && parent.type === 'ERROR' && pairs !== shell) unended.push(at);
    // A missing bracket is one that the parser wants, of no width.
    if (cursor.nodeIsNamed || end === at) return;
    const closing = pairs[type];
    if (closing !== undefined) marks.push({ at, length: end - at, pair: closing, opens: true });
    // A pattern of a shell's `case` ends in a bracket that nothing opens.
    else if (closers.has(type) && parent.type !== 'case_item')
      marks.push({ at, length: end - at, pair: type, opens: false });
  });
  const errorCount = errorsBelow(root).count;
  if (unended.length === 0) return { marks, quotations, errorCount };
  const from = Math.min(...unended);
  return {
    marks: marks.filter(({ at }) => at < from),
    quotations: [
      ...quotations.filter(({ end }) => end <= from),
      { kind: 'string', start: from, end: root.endIndex },
    ],
    errorCount,
  };
}

interface Parent {
  readonly type: string;
  readonly start: number;
}

/** Visits every node of a part once, parents first, in the order of the text. */
function walk(root: Node, part: TextRange, visit: (cursor: TreeCursor, parent: Parent) => void): void {
  const cursor = root.walk();
  const parents: Parent[] = [];
  try {
    for (;;) {
      const isInPart = cursor.endIndex >= part.from && cursor.startIndex <= part.to;
      if (isInPart) visit(cursor, parents.at(-1) ?? { type: '', start: 0 });
      const parent = { type: cursor.nodeType, start: cursor.startIndex };
      if (isInPart && cursor.gotoFirstChild()) {
        parents.push(parent);
        continue;
      }
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) return;
        parents.pop();
      }
    }
  } finally {
    cursor.delete();
  }
}
