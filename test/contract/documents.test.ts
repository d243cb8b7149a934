import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout, manifest } from '../support/machine/manifest.ts';
import { goldenCuts } from '../unit/sidecar/completion/goldenCuts/goldenCuts.ts';
import { rooms } from './rooms.ts';

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
    expect(architecture).toMatch(new RegExp(`\\| \`${folder}/`));
  });

  it.each(rooms)('says what $folder/ is for', ({ folder, purpose }) => {
    expect(architecture).toContain(`| \`${folder}/\` | ${purpose} |`);
  });

  it.each(foldersIn('test'))('names test/%s/', (folder) => {
    expect(architecture.includes(`\`${folder}/\``)).toBe(true);
  });

  it('names no folder that is not there, and is short', () => {
    const rows = architecture.split('\n').filter((line) => /^\| `[\w/-]+\/` \|/.test(line));
    const named = rows.map((row) => /`([\w/-]+)\/`/.exec(row)?.[1] ?? '');
    expect(named.length).toBeGreaterThan(rooms.length);
    for (const folder of named) expect(existsSync(path.join(checkout, folder)), folder).toBe(true);
    expect(Buffer.byteLength(architecture)).toBeLessThan(12_000);
  });
});

describe('the page on completions', () => {
  it('counts the texts whose ends are expected', () => {
    const page = readFileSync(path.join(checkout, 'docs/COMPLETION.md'), 'utf8');
    const rows = Object.values(goldenCuts).flat();
    expect(page).toContain(`goldenCuts/\`: ${String(rows.length)} texts`);
  });
});

describe('decisions', () => {
  const decisions = path.join(checkout, 'docs/decisions');
  const texts = readdirSync(decisions).map((name) => readFileSync(path.join(decisions, name), 'utf8'));
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });

  it.each(dependencies.filter((name) => !name.startsWith('@types/')))('say why there is %s', (name) => {
    expect(texts.filter((text) => text.toLowerCase().includes(name))).not.toEqual([]);
  });

  it('are listed in the index, each by its title', () => {
    const names = readdirSync(decisions).filter((name) => name !== 'README.md');
    const index = readFileSync(path.join(decisions, 'README.md'), 'utf8');
    const listed = [...index.matchAll(/\[([^\]]+)\]\(([^)/]+\.md)\)/gu)].map(([, title, name]) => ({
      name,
      title,
    }));
    const titled = names.map((name) => {
      const [heading = ''] = readFileSync(path.join(decisions, name), 'utf8').split('\n');
      return { name, title: heading.replace(/^# /u, '') };
    });
    const inOrder = listed.toSorted((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
    expect(inOrder).toEqual(titled.toSorted((a, b) => a.name.localeCompare(b.name)));
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

  it.each(documents)('of %s quote paths that are there', (name) => {
    const text = readFileSync(path.join(checkout, name), 'utf8');
    const quoted = [
      ...text.matchAll(/`((?:sidecar|lab|extension|protocol|webview-ui|test|scripts)\/[\w./-]+)`/g),
    ];
    const missing = quoted
      .map(([, quote = '']) => quote)
      .filter((quote) => !existsSync(path.join(checkout, quote)));
    expect(missing).toEqual([]);
  });
});
