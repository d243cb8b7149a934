import type { Node } from '@vscode/tree-sitter-wasm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EditKind, EditResult } from '../../protocol/edit.ts';
import { systemClock } from '../../sidecar/process/clock.ts';
import { offsetAt, positionAt, withEdits } from '../../sidecar/edits/rangeEdits.ts';
import { parseLimitMs, TreeSitter } from '../../sidecar/syntax/treeSitter.ts';
import { syntaxFolder } from '../support/machine/shippedGrammars.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

const wrap = `def wrap(text, width):
    lines = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return lines + [line] if line else lines
`;
const source = `${wrap}

def longest(lines):
    return max(map(len, lines))
`;

let sidecar: SidecarProcess;
beforeAll(async () => {
  sidecar = await SidecarProcess.ready({ settings: { model: 'qwen2.5-coder-0.5b', contextTokens: 4096 } });
});
afterAll(() => sidecar[Symbol.asyncDispose]());

/** Has a part of a Python file edited, from one offset to another. */
function edited(kind: EditKind, text: string, [from, to]: readonly [number, number]): Promise<EditResult> {
  return sidecar.request('entropane/edit', {
    kind,
    instruction: '',
    document: {
      uri: 'file:///text.py',
      path: 'text.py',
      languageId: 'python',
      version: 1,
      text,
      lineEnd: '\n',
      formatting: { tabSize: 4, insertSpaces: true },
      encoding: 'utf8',
      workspaceFolder: null,
    },
    range: { start: positionAt(text, from), end: positionAt(text, to) },
    diagnostics: [],
    attachments: [],
    seed: 1,
    force: true,
  });
}

/** What a parser reads of a program, without comments and docstrings. */
async function codeOf(text: string): Promise<readonly string[]> {
  const parser = await new TreeSitter(syntaxFolder, systemClock).parserOf('python');
  const leaves = parser.parse(text, 10 * parseLimitMs, (root) => (root.hasError ? null : codeLeaves(root)));
  if (leaves === null) throw new Error(`This does not parse:\n${text}`);
  return leaves;
}

function codeLeaves(node: Node): readonly string[] {
  const [only, ...others] = node.namedChildren;
  const isDocstring = node.type === 'expression_statement' && only?.type === 'string' && others.length === 0;
  if (node.type === 'comment' || isDocstring) return [];
  if (node.childCount === 0) return [node.text];
  return node.children.flatMap((child) => (child === null ? [] : codeLeaves(child)));
}

test('code that is documented has comments more, and is the same to the parser', async () => {
  const { edits } = await edited('document', wrap, [0, wrap.length]);
  const documented = withEdits(wrap, edits);
  expect(documented).toContain('"""');
  expect(await codeOf(documented)).toEqual(await codeOf(wrap));
});

test('code goes on at the cursor, and nothing else changes', async () => {
  const cursor = wrap.indexOf('lines.append');
  const begun = source.slice(0, cursor) + source.slice(wrap.length - 1);
  const { edits } = await edited('continue', begun, [cursor, cursor]);
  expect(edits).toHaveLength(1);
  for (const { range } of edits)
    expect([range.start, range.end].map((place) => offsetAt(begun, place))).toEqual([cursor, cursor]);
  const written = withEdits(begun, edits);
  const [first = ''] = (edits[0]?.newText ?? '').split('\n');
  expect(first).not.toBe('');
  // What the function has already is not written again.
  expect(written.split('def wrap(')).toHaveLength(2);
  expect(written.endsWith(begun.slice(cursor))).toBe(true);
});
