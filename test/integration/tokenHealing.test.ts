import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompleteResult } from '../../protocol/messages.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

/** A file with a cursor at the `|`, inside a word or a run of punctuation, and how what is shown must begin. */
const places: readonly (readonly [name: string, marked: string, expected: RegExp])[] = [
  [
    'a keyword',
    'def is_even(value):\n    if value % 2 == 0:\n        retu|\n    return False\n',
    /^rn True/u,
  ],
  [
    'a name from above',
    'def total_price(items):\n    total = 0\n    for item in items:\n        tot|\n    return total\n',
    /^al \+= /u,
  ],
  [
    'an operator',
    'def is_zero(value):\n    """True if value equals 0."""\n    return value =|\n\nprint(is_zero(0))\n',
    /^= 0/u,
  ],
  ['a call', 'numbers = [3, 1, 2]\nprint(sor|)\n', /^ted\(numbers/u],
  [
    'a keyword of JavaScript',
    'function addAll(values) {\n  let sum = 0;\n  for (cons|) {\n    sum += value;\n  }\n  return sum;\n}\n',
    /^t value of values/u,
  ],
  ['an import', 'import os\nfrom pathl|\n\nroot = Path(os.getcwd())\n', /^ib import Path/u],
];

describe('a completion inside a word', () => {
  let sidecar: SidecarProcess;
  beforeAll(async () => {
    sidecar = await SidecarProcess.ready({ settings: { model: 'qwen2.5-coder-0.5b', contextTokens: 2048 } });
  });
  afterAll(() => sidecar[Symbol.asyncDispose]());

  async function complete(uri: string, marked: string): Promise<CompleteResult> {
    const offset = marked.indexOf('|');
    await sidecar.open(uri, marked.slice(0, offset) + marked.slice(offset + 1));
    const before = marked.slice(0, offset).split('\n');
    return sidecar.request('entropane/complete', {
      textDocument: { uri },
      position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
      trigger: 'automatic',
      multiline: 'never',
      maxTokens: 24,
    });
  }

  test.each(places)('goes on with the rest of %s', async (name, marked, expected) => {
    const { items, report } = await complete(
      `file:///${name.replaceAll(' ', '-')}.${name.endsWith('JavaScript') ? 'js' : 'py'}`,
      marked,
    );
    expect(report.suppressed).toBeNull();
    expect(items[0]?.text).toMatch(expected);
  });

  test('reads nothing anew while a word grows', async () => {
    const before = 'def is_even(value):\n    if value % 2 == 0:\n        ';
    const after = '\n    return False\n';
    const reads: number[] = [];
    for (const typed of ['r', 're', 'ret', 'retu']) {
      const { report } = await complete(`file:///typed-${typed}.py`, `${before}${typed}|${after}`);
      reads.push(report.promptTokenCount - report.cachedTokenCount);
    }
    // The last token of a prompt is always decoded again.
    expect(reads.slice(1)).toEqual([1, 1, 1]);
  });
});
