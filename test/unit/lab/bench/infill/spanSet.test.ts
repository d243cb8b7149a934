import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repeatsLine } from '../../../../../lab/bench/infill/spanPart.ts';
import { cutSpans } from '../../../../../lab/bench/infill/spanSet.ts';
import { shippedShapes } from '../../../../support/machine/shippedGrammars.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const { signal } = new AbortController();
const whole = Array.from({ length: 80 }, (_, line) => `export const value${line} = f(${line});`).join('\n');

it('cuts spans of files that parse, the same again, which leave the rest of the file as it is', async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'deep'));
  await writeFile(join(folder.path, 'deep/whole.ts'), whole);
  await writeFile(join(folder.path, 'broken.ts'), `${whole}\n{{{`);
  await writeFile(join(folder.path, 'short.ts'), 'f();');
  const choice = { count: 12, shapes: shippedShapes, signal };
  const spans = await cutSpans(folder.path, choice);
  expect(spans).toHaveLength(12);
  for (const { id, before, middle, after } of spans) {
    expect(id).toMatch(/^deep\/whole\.ts:\d+$/);
    expect(before + middle + after).toBe(whole);
    expect(middle.trim()).not.toBe('');
  }
  // Some end within their line, some with it, and some with one of the next two.
  const ends = spans.map(({ middle, after }) =>
    after.startsWith('\n') || after === '' ? middle.split('\n').length : 0,
  );
  expect([...new Set(ends)].toSorted()).toEqual([0, 1, 2, 3]);
  expect(await cutSpans(folder.path, choice)).toEqual(spans);
});

it.each([
  ['a();\n', 'a();', '\nb();', true],
  ['a();\n', 'c();\nb();', '\nb();', true],
  ['a();\n', 'c();', '\nb();', false],
  ['if (x) {\n', '}', '\n}', false],
])('sees whether %j + %j + %j repeats a line around it', (before, text, after, expected) => {
  const span = { id: '', languageId: 'typescript', before, middle: '', after };
  expect(repeatsLine({ span, text, replacedLength: 0 })).toBe(expected);
});
