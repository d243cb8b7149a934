import type { CodeShape, Mark, Quotation } from './codeShape.ts';

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const markup = new Set(['html', 'xml', 'vue', 'svelte', 'handlebars', 'razor']);
/** Elements of HTML that have no end tag. */
const voidTags = new Set(
  'area base br col embed hr img input link meta param source track wbr !doctype'.split(' '),
);

/**
 * Reads the shape of a text whose grammar does not ship: its brackets, its strings in double quotes where they end in their
 * line, and in a markup language its comments and tags. An apostrophe says nothing: it may be prose.
 */
export function plainShape(text: string, languageId: string): CodeShape {
  return markup.has(languageId) ? markupShape(text, languageId) : bracketShape(text);
}

function bracketShape(text: string): CodeShape {
  const marks: Mark[] = [];
  const quotations: Quotation[] = [];
  for (const match of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[()[\]{}]/g)) {
    const [found] = match;
    const at = match.index;
    if (found.startsWith('"')) quotations.push({ kind: 'string', start: at, end: at + found.length });
    else marks.push(bracketAt(at, found));
  }
  return { marks, quotations, errorCount: null };
}

function bracketAt(at: number, bracket: string): Mark {
  const pair = closing[bracket];
  return { at, length: 1, pair: pair ?? bracket, opens: pair !== undefined };
}

function markupShape(text: string, languageId: string): CodeShape {
  const marks: Mark[] = [];
  const quotations: Quotation[] = [];
  const parts =
    /(?<comment><!--[^]*?-->)|<(?<slash>\/?)(?<name>[A-Za-z!][\w:.-]*)(?:"[^"]*"|'[^']*'|[^<>"'])*>/g;
  let scriptFrom: number | null = null;
  for (const match of text.matchAll(parts)) {
    const [found] = match;
    const at = match.index;
    const { comment, slash, name } = match.groups ?? {};
    const tag = (name ?? '').toLowerCase();
    const isEmbedded = tag === 'script' || tag === 'style';
    // What looks like a tag in a script is none.
    if (scriptFrom !== null && !(isEmbedded && slash === '/')) continue;
    if (comment !== undefined) {
      quotations.push({ kind: 'comment', start: at, end: at + found.length });
      continue;
    }
    if (scriptFrom !== null) {
      const script = shifted(bracketShape(text.slice(scriptFrom, at)), scriptFrom);
      marks.push(...script.marks);
      quotations.push(...script.quotations);
      scriptFrom = null;
    }
    for (const quoted of found.matchAll(/"[^"]*"|'[^']*'/g)) {
      const start = at + quoted.index;
      quotations.push({ kind: 'string', start, end: start + quoted[0].length });
    }
    const isAlone = found.endsWith('/>') || (languageId !== 'xml' && voidTags.has(tag));
    if (!isAlone) marks.push({ at, length: found.length, pair: `</${tag}>`, opens: slash !== '/' });
    if (isEmbedded && !isAlone && slash !== '/') scriptFrom = at + found.length;
  }
  return { marks, quotations, errorCount: null };
}

function shifted({ marks, quotations }: CodeShape, by: number): Pick<CodeShape, 'marks' | 'quotations'> {
  return {
    marks: marks.map((mark) => ({ ...mark, at: mark.at + by })),
    quotations: quotations.map(({ kind, start, end }) => ({ kind, start: start + by, end: end + by })),
  };
}
