import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout, manifest } from '../support/machine/manifest.ts';

const architecture = readFileSync(path.join(checkout, 'docs/ARCHITECTURE.md'), 'utf8');

function foldersIn(parent: string): readonly string[] {
  return readdirSync(path.join(checkout, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

describe('the map of the architecture', () => {
  /** Made by installing, building and testing. */
  const made = ['node_modules', 'dist', 'out'];
  const top = foldersIn('.').filter((name) => !name.startsWith('.') && !made.includes(name));

  it.each(top)('names %s/', (folder) => {
    expect(architecture.includes(`| \`${folder}/`)).toBe(true);
  });

  it.each(
    ['sidecar', 'webview-ui', 'test'].flatMap((parent) => foldersIn(parent).map((name) => [parent, name])),
  )('names %s/%s/', (_parent, folder) => {
    expect(architecture.includes(`${folder}/\``)).toBe(true);
  });

  it('names no folder that is not there', () => {
    const rows = architecture.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([\w-]+)\/[`\w]/g)]);
    expect(named.length).toBeGreaterThan(10);
    const known = [...top, ...foldersIn('sidecar')];
    for (const [, folder] of named) expect(known).toContain(folder);
  });
});

describe('decisions', () => {
  const decisions = path.join(checkout, 'docs/decisions');
  const texts = readdirSync(decisions).map((name) => readFileSync(path.join(decisions, name), 'utf8'));
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });

  it.each(dependencies.filter((name) => !name.startsWith('@types/')))('say why there is %s', (name) => {
    expect(texts.filter((text) => text.toLowerCase().includes(name))).not.toEqual([]);
  });
});

describe('links and images', () => {
  const documents = [
    'README.md',
    ...readdirSync(path.join(checkout, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.join('docs', name)),
  ];

  it.each(documents)('of %s name files that are there', (name) => {
    const text = readFileSync(path.join(checkout, name), 'utf8');
    const targets = [...text.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map((match) => match[1] ?? '');
    const relative = targets.filter((target) => !/^(?:[a-z]+:|#)/.test(target));
    const folder = path.join(checkout, path.dirname(name));
    const missing = relative.filter((target) => !existsSync(path.join(folder, target.replace(/#.*$/, ''))));
    expect(missing).toEqual([]);
  });
});
