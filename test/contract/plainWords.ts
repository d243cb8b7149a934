import ts from 'typescript';

/** A word that has to be decoded, and what an engineer would say in its place. */
interface WordToAvoid {
  readonly name: string;
  readonly pattern: RegExp;
  readonly better: string;
}

/** One use of such a word, with the text around it. */
interface WordFound {
  readonly name: string;
  readonly line: number;
  readonly excerpt: string;
  readonly better: string;
}

/** A stretch of a file that somebody reads as prose. `at` is its offset in the file. */
export interface Prose {
  readonly at: number;
  readonly text: string;
}

/** "There is no X" and "is no longer" are plain; "X is no Y" is not. */
const isNo =
  /(?<!\bthere\s+)\b(?:is|are|was|were)\s+no\s+(?!(?:longer|more|less|fewer|larger|smaller|faster|better|worse)\b)/giu;

/** Words are listed only where nearly every use of them is read twice. */
const wordsToAvoid: readonly WordToAvoid[] = [
  {
    name: 'whoever',
    pattern: /\bwhoever\b/giu,
    better: 'name who it is: "the caller", "the user", "code that …"',
  },
  { name: 'behind', pattern: /\bbehind\b/giu, better: '"after", "below" or "in"' },
  { name: 'tells, told', pattern: /\b(?:tells|told)\b/giu, better: '"says", "reports" or "shows"' },
  {
    name: 'came to, comes to',
    pattern: /\b(?:came|comes)\s+to\b/giu,
    better: '"was", "is" or the verb itself',
  },
  { name: 'is no', pattern: isNo, better: '"is not a", or say what it is' },
  { name: 'wish', pattern: /\bwish(?:es|ed)?\b/giu, better: '"request", or "wants"' },
  { name: 'manners', pattern: /\bmanners\b/giu, better: 'the rule itself' },
  { name: 'party', pattern: /(?<!\bthird[\s-])\bpart(?:y|ies)\b/giu, better: '"group"' },
  { name: 'purse', pattern: /\bpurse\b/giu, better: '"budget" or "meter"' },
  { name: 'bears', pattern: /\bbears\b/giu, better: '"has" or "carries"' },
  { name: 'stands', pattern: /\bst(?:ands?|ood)\b(?!-)/giu, better: '"is"' },
  {
    name: 'held to, held against',
    pattern: /\b(?:hold|holds|held)\s+(?:to|against)\b/giu,
    better: '"checks" or "enforces"',
  },
  { name: 'foretell', pattern: /\bforet(?:ell|ells|old|elling)\b/giu, better: '"predict"' },
  { name: 'of its own accord', pattern: /\bof\s+(?:its|their)\s+own\s+accord\b/giu, better: '"by itself"' },
  { name: 'farewell', pattern: /\bfarewell\b/giu, better: '"shutdown"' },
  {
    name: 'gives way',
    pattern: /\b(?:give|gives|gave|given|giving)\s+way\b/giu,
    better: '"is preempted by" or "yields to"',
  },
];

/** Uses of the words in the prose of a file. Lines count from 1. Pure. */
export function wordsFoundIn(file: string, prose: readonly Prose[]): readonly WordFound[] {
  return prose.flatMap(({ at, text }) =>
    wordsToAvoid.flatMap(({ name, pattern, better }) =>
      [...text.matchAll(pattern)].map((match) => ({
        name,
        line: file.slice(0, at + match.index).split('\n').length,
        excerpt: text.slice(Math.max(0, match.index - 40), match.index + 50).replaceAll(/\s+/gu, ' '),
        better,
      })),
    ),
  );
}

/** A Markdown file without its inline code, links' targets and images, at the same offsets. Fenced code stays: its comments are read. */
export function proseOfMarkdown(file: string): readonly Prose[] {
  return [{ at: 0, text: file.replaceAll(/`[^`\n]+`|\]\([^)\n]*\)/gu, blanked) }];
}

/** The same length without words. Code counts as one word; a link's target as none, so that a word may end before it. */
function blanked(found: string): string {
  return (found.startsWith('`') ? '_' : ' ').repeat(found.length);
}

/** String and template literals with a blank in them, and JSX text: what a program may show. */
export function literalsOf(name: string, file: string): readonly Prose[] {
  const source = parsed(name, file);
  return nodesOf(source).flatMap((node) => {
    const isText =
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isJsxText(node);
    const text = isText ? file.slice(node.getStart(source), node.end) : '';
    return text.trim().includes(' ') ? [{ at: node.getStart(source), text }] : [];
  });
}

/** Comments and docstrings, their line starts blanked so that a phrase may run over two lines. */
export function commentsOf(name: string, file: string): readonly Prose[] {
  const ranges = nodesOf(parsed(name, file))
    .filter((node) => !ts.isJsxText(node))
    .flatMap((node) => [
      ...(ts.getLeadingCommentRanges(file, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(file, node.pos) ?? []),
    ]);
  const ends = new Map(ranges.map(({ pos, end }) => [pos, end]));
  return [...ends].map(([at, end]) => ({
    at,
    text: file.slice(at, end).replaceAll(/(?<=\n)\s*\*/gu, (start) => ' '.repeat(start.length)),
  }));
}

function parsed(name: string, file: string): ts.SourceFile {
  return ts.createSourceFile(name, file, ts.ScriptTarget.Latest, true);
}

/** Every node and token of a file, docstrings left out: they are found as comments. */
function nodesOf(source: ts.SourceFile): readonly ts.Node[] {
  const found: ts.Node[] = [];
  const pending: ts.Node[] = [source];
  for (let node = pending.pop(); node; node = pending.pop()) {
    found.push(node);
    pending.push(...node.getChildren(source).filter((child) => !ts.isJSDoc(child)));
  }
  return found;
}
