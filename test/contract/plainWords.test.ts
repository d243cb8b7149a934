import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout } from '../support/machine/manifest.ts';
import { commentsOf, literalsOf, proseOfMarkdown, wordsFoundIn, type Prose } from './plainWords.ts';

/** Words to avoid in comments today. Lower it with each change that finds fewer; it never rises. */
const mostInComments = 172;
/** Fewer than the recorded number by more than this, and the number has to be lowered. */
const slack = 10;

/** Patterns and prompts: a model reads them, and other words there would change what it answers. */
const readByModels = ['sidecar/prompts/', 'sidecar/reasoning/selection/judgePrompt.ts'];
const withTexts = ['sidecar', 'lab', 'protocol', 'extension', 'webview-ui'];
const withComments = [...withTexts, 'scripts', 'test'];

describe('words that are read once', () => {
  it('are all that the README, the changelog and the documents use', () => {
    const documents = [
      'README.md',
      'CHANGELOG.md',
      ...filesIn('docs', /\.md$/u),
      ...filesIn('media', /\.md$/u),
    ];
    expect(documents.length).toBeGreaterThan(30);
    expect(documents.flatMap((name) => complaints(name, proseOfMarkdown))).toEqual([]);
  });

  it("are all that the manifest's texts use", () => {
    expect(complaints('package.json', (file) => [{ at: 0, text: file }])).toEqual([]);
  });

  it.each(withTexts)('are all that texts in %s/ use', (folder) => {
    const sources = filesIn(folder, /\.(?:ts|tsx|mjs)$/u).filter(
      (name) => !readByModels.some((model) => name.startsWith(model)),
    );
    expect(sources).not.toEqual([]);
    expect(sources.flatMap((name) => complaints(name, (file) => literalsOf(name, file)))).toEqual([]);
  });

  it('are used more in comments with every change', () => {
    const sources = withComments.flatMap((folder) => filesIn(folder, /\.(?:ts|tsx|mjs)$/u));
    const found = sources.flatMap((name) => complaints(name, (file) => commentsOf(name, file)));
    const list = found.join('\n');
    expect(
      found.length,
      `more words to avoid in comments than before; all of them:\n${list}`,
    ).toBeLessThanOrEqual(mostInComments);
    expect(found.length, 'fewer words to avoid: lower mostInComments to this').toBeGreaterThanOrEqual(
      mostInComments - slack,
    );
  });
});

describe('the search for words to avoid', () => {
  const source = [
    '// It is',
    '/** Whoever asks is',
    ' * no caller. */',
    "const key = 'behind';",
    'const text = `Drafted behind ${key} and told ${key} so`; // tells it',
    'const view = <p title="A wish granted">There is no party that stands.</p>;',
  ].join('\n');

  it('reads literals with a blank in them, templates and JSX text', () => {
    const found = wordsFoundIn(source, literalsOf('a.tsx', source));
    expect(found.map(({ name, line }) => `${String(line)} ${name}`).toSorted()).toEqual([
      '5 behind',
      '5 tells, told',
      '6 party',
      '6 stands',
      '6 wish',
    ]);
  });

  it('reads comments, and a phrase over two of their lines', () => {
    const found = wordsFoundIn(source, commentsOf('a.tsx', source));
    expect(found.map(({ name, line }) => `${String(line)} ${name}`).toSorted()).toEqual([
      '2 is no',
      '2 whoever',
      '5 tells, told',
    ]);
  });

  it('reads Markdown without its code', () => {
    const page = 'There is no wait.\nIt is no longer `behind`.\nA [third-party](tells.md) text is\nno text.';
    const found = wordsFoundIn(page, proseOfMarkdown(page));
    expect(found.map(({ name, line }) => `${String(line)} ${name}`)).toEqual(['3 is no']);
  });

  it('reads the last word of a link, and not its target', () => {
    const page = 'It is `a.` [How it is told](told.md), and ![what stands](behind.svg).';
    const found = wordsFoundIn(page, proseOfMarkdown(page));
    expect(found.map(({ name }) => name)).toEqual(['tells, told', 'stands']);
  });
});

function filesIn(folder: string, kind: RegExp): readonly string[] {
  return readdirSync(path.join(checkout, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => kind.test(name) && !name.includes('node_modules'))
    .map((name) => path.join(folder, name));
}

function complaints(name: string, read: (file: string) => readonly Prose[]): readonly string[] {
  const file = readFileSync(path.join(checkout, name), 'utf8');
  return wordsFoundIn(file, read(file)).map(
    (found) => `${name}:${String(found.line)} "${found.name}" in "${found.excerpt}": ${found.better}`,
  );
}
