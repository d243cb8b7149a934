import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isRestOfLine } from '../../../../../lab/bench/infill/crossFilePart.ts';
import {
  cutCrossFileRows,
  declarationOf,
  relativeImports,
  usesOf,
} from '../../../../../lab/bench/infill/crossFileSet.ts';

describe('rows across files', () => {
  it('read the names that come from files beside', () => {
    const text =
      "import { a, type B, c as d } from './x.js';\nimport { e } from 'package';\nimport { f } from '../y';";
    expect(relativeImports(text)).toEqual([
      { name: 'a', path: './x.js' },
      { name: 'B', path: './x.js' },
      { name: 'f', path: '../y' },
    ]);
  });

  it('are cut after a name that is called, where enough of the line follows', () => {
    const text = [
      '// area(width, height)',
      'const size = area(width, height);',
      'x.area(width, height);',
      'area();',
    ];
    const joined = text.join('\n');
    expect(usesOf(joined, new Set(['area'])).map((at) => joined.slice(at).split('\n', 1)[0])).toEqual([
      'width, height);',
    ]);
    expect(usesOf(joined, new Set(['size']))).toEqual([]);
  });

  it('come with all of a declaration, and not with what follows it', () => {
    const text =
      'const before = 1;\nexport function area(\n  width,\n) {\n  return width;\n}\nexport const after = 2;';
    const found = declarationOf('area', { path: '/p/shapes.js', text });
    expect(found?.text).toBe('export function area(\n  width,\n) {');
    expect(found?.range.start.line).toBe(1);
    expect(declarationOf('after', { path: '/p/shapes.js', text })?.text).toBe('export const after = 2;');
    expect(declarationOf('width', { path: '/p/shapes.js', text })).toBeNull();
  });

  it('are the same each time, with text before and after that makes the file again', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'entropane-rows-'));
    try {
      await mkdir(path.join(folder, 'shop'));
      const filler = Array.from({ length: 40 }, (_, index) => `const filler${index} = ${index};`).join('\n');
      const text = `import { area, volume } from './shapes.js';\n${filler}\nconst size = area(width, height);\n`;
      await writeFile(path.join(folder, 'shop', 'cart.js'), text);
      await writeFile(
        path.join(folder, 'shop', 'shapes.js'),
        'export function area(width, height) {\n  return width * height;\n}\nexport const volume = 3;\n',
      );
      const { signal } = new AbortController();
      const rows = await cutCrossFileRows(folder, signal);
      expect(rows).toEqual(await cutCrossFileRows(folder, signal));
      expect(rows).toHaveLength(1);
      const [row] = rows;
      expect(`${row?.before}${row?.middle}${row?.after}`).toBe(text);
      expect(row?.middle).toBe('width, height);');
      expect(row?.offers.map((offer) => offer.uri)).toEqual(
        Array(2).fill(pathToFileURL(path.join(folder, 'shop', 'shapes.js')).href),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are exact where the text is the rest of the line', () => {
    expect(isRestOfLine(' width);\nmore', { middle: 'width);' })).toBe(true);
    expect(isRestOfLine('', { middle: 'width);' })).toBe(false);
  });
});
