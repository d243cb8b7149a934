import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/machine/manifest.ts';

const unit = 'test/unit';
const sources = ['protocol', 'sidecar', 'extension', 'webview-ui', 'lab', 'scripts'].flatMap((folder) =>
  filesIn(folder).filter((name) => /\.(?:ts|tsx|mjs)$/u.test(name) && !name.endsWith('.d.mts')),
);
const tests = filesIn(unit).filter((name) => name.endsWith('.test.ts'));

describe('unit tests', () => {
  it('are found, and so are the files that they are named after', () => {
    expect(tests.length).toBeGreaterThan(100);
    expect(tests.filter((test) => namesakesOf(test).length > 0).length).toBeGreaterThan(100);
  });

  it.each(tests)('%s is in the folder of what it tests', (test) => {
    const folder = path.posix.relative(unit, path.posix.dirname(test));
    const namesakes = namesakesOf(test);
    // One that is named after no file is about several of a folder.
    const places = namesakes.length > 0 ? namesakes : sources;
    expect(places.map((file) => path.posix.dirname(file))).toContain(folder);
  });
});

function namesakesOf(test: string): readonly string[] {
  return sources.filter((file) => stemOf(file) === stemOf(test));
}

function stemOf(file: string): string {
  return path.posix.basename(file).split('.')[0] ?? '';
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(path.join(checkout, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('node_modules'))
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')));
}
