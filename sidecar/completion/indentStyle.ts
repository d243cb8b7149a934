import type { FormattingOptions } from '../../protocol/messages.ts';
import { indentWidth } from './cursorContext.ts';
import type { LanguageRules } from './languageRules.ts';

/** How a document is indented. */
export interface IndentStyle {
  /** One level: a tab, or blanks. */
  readonly unit: string;
  /** Columns that blocks of the document go in by. A label such as `public:` may have a step of its own. */
  readonly blockSteps: ReadonlySet<number>;
}

/** What a line opens; the lines after it go in. */
export type Opening = 'block' | 'arguments' | null;

/** Blanks of one level at most. */
const widestUnit = 8;
/** Whatever the document has: a recipe that begins with blanks is an error. */
const alwaysTabs = new Set(['makefile']);

/**
 * The style of the lines near a place: what most of its blocks go in by. Tabs or blanks are what `nearLead`, the indentation at
 * the place, is made of. `formatting` decides where no line is indented. Null where nothing does.
 */
export function indentStyle(
  lines: readonly string[],
  {
    nearLead,
    rules,
    languageId,
    formatting,
  }: {
    readonly nearLead: string;
    readonly rules: LanguageRules;
    readonly languageId: string;
    readonly formatting: FormattingOptions | undefined;
  },
): IndentStyle | null {
  const indented = lines.filter((line) => line.trim() !== '' && !/^\s*\*/.test(line));
  const leads = indented.map(leadOf).filter((lead) => lead !== '');
  const tabbed = leads.filter((lead) => lead.startsWith('\t')).length;
  const hasTabs = nearLead === '' ? tabbed * 2 > leads.length : nearLead.startsWith('\t');
  if (alwaysTabs.has(languageId) || hasTabs) return { unit: '\t', blockSteps: new Set() };
  const { block, any } = stepCounts(indented, rules);
  const width = commonest(block) ?? commonest(any) ?? leastWidth(leads);
  if (width !== null) return { unit: ' '.repeat(width), blockSteps: new Set(block.keys()) };
  if (formatting === undefined) return null;
  const { insertSpaces, tabSize } = formatting;
  return { unit: insertSpaces ? ' '.repeat(tabSize) : '\t', blockSteps: new Set() };
}

/** Leading white space. */
export function leadOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** What a line opens, by its end. */
export function openingOfLine(line: string, rules: LanguageRules): Opening {
  const ending = line.trimEnd();
  if (ending.endsWith('(')) return 'arguments';
  const isTag = /<[A-Za-z][^<>]*>$/.test(ending) && !ending.endsWith('/>');
  return /[{[]$/.test(ending) || isTag || rules.opener?.test(ending) === true ? 'block' : null;
}

/** How often lines go in by so many blanks: after a line that opens a block, and after any line. */
function stepCounts(
  lines: readonly string[],
  rules: LanguageRules,
): { readonly block: ReadonlyMap<number, number>; readonly any: ReadonlyMap<number, number> } {
  const block = new Map<number, number>();
  const any = new Map<number, number>();
  for (const [index, line] of lines.entries()) {
    const above = lines[index - 1];
    if (above === undefined || leadOf(above + line).includes('\t') || leadOf(line).includes('\t')) continue;
    const step = indentWidth(line) - indentWidth(above);
    if (step <= 0 || step > widestUnit) continue;
    any.set(step, (any.get(step) ?? 0) + 1);
    if (openingOfLine(above, rules) === 'block') block.set(step, (block.get(step) ?? 0) + 1);
  }
  return { block, any };
}

/** The commonest step, the narrower of two; null for none. */
function commonest(counts: ReadonlyMap<number, number>): number | null {
  const [first] = [...counts].toSorted(([a, countA], [b, countB]) => countB - countA || a - b);
  return first?.[0] ?? null;
}

function leastWidth(leads: readonly string[]): number | null {
  const widths = leads.filter((lead) => !lead.includes('\t')).map((lead) => lead.length);
  const least = Math.min(...widths);
  return least > 1 && least <= widestUnit ? least : null;
}
