import { leadOf } from '../../protocol/leadOf.ts';
import type { FormattingOptions } from '../../protocol/messages.ts';
import type { CursorContext } from './cursorContext.ts';
import { indentWidth } from './indentWidth.ts';
import type { LanguageRules } from './languageRules.ts';

/** How a document is indented. */
export interface IndentStyle {
  /** One level: a tab, or blanks. */
  readonly unit: string;
  /**
   * Columns that lines of the document go in by after what opens something, and that are not a whole level: a label such as `public:`
   * may have a narrower step, and arguments a wider one.
   */
  readonly steps: Readonly<Record<Opening, ReadonlySet<number>>>;
}

/** What a line opens; the lines after it go in. */
export type Opening = 'block' | 'arguments';

/** Blanks of one level at most. */
const widestUnit = 8;
const noSteps = { block: new Set<number>(), arguments: new Set<number>() };
/** Whatever the document has: a recipe that begins with blanks is an error. */
const alwaysTabs = new Set(['makefile']);

/**
 * The style of the lines near a place: what most of its blocks go in by. Tabs or blanks are what `nearLead`, the indentation at
 * the place, is made of. `formatting` decides where no line is indented. Null where nothing does.
 */
export function indentStyle(
  { before, after }: Pick<CursorContext, 'before' | 'after'>,
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
  // No step is counted from one part to the other: what is to be written is between them.
  const parts = [before, after].map((part) => part.split('\n').filter(isCode));
  const leads = parts.flatMap((lines) => lines.map(leadOf)).filter((lead) => lead !== '');
  const tabbed = leads.filter((lead) => lead.startsWith('\t')).length;
  const hasTabs = nearLead === '' ? tabbed * 2 > leads.length : nearLead.startsWith('\t');
  if (alwaysTabs.has(languageId) || hasTabs) return { unit: '\t', steps: noSteps };
  const counts = stepCounts(parts, rules);
  const width = commonest(counts.block) ?? commonest(counts.any) ?? leastWidth(leads);
  if (width !== null) {
    const narrower = [...counts.block.keys()].filter((step) => step < width);
    const steps = { block: new Set(narrower), arguments: new Set(counts.arguments.keys()) };
    return { unit: ' '.repeat(width), steps };
  }
  if (formatting === undefined) return null;
  const { insertSpaces, tabSize } = formatting;
  return { unit: insertSpaces ? ' '.repeat(tabSize) : '\t', steps: noSteps };
}

/** Lines of comments with stars are indented by one blank more. */
function isCode(line: string): boolean {
  return line.trim() !== '' && !/^\s*\*/.test(line);
}

/** A condition or a loop whose statement is in the next line. */
const headWithoutBraces = /^\s*(?:\}\s*)?(?:else\s+)?(?:if|for|while)\b.*\)$/;

/** What a line opens, by its end. */
export function openingOfLine(line: string, rules: LanguageRules): Opening | null {
  const ending = line.trimEnd();
  if (ending.endsWith('(')) return 'arguments';
  const isTag = /<[A-Za-z][^<>]*>$/.test(ending) && !ending.endsWith('/>');
  const isHead = rules.endsByMarks && headWithoutBraces.test(ending);
  return /[{[]$/.test(ending) || isTag || isHead || rules.opener?.test(ending) === true ? 'block' : null;
}

/** How often lines go in by so many blanks: after what a line opens, and after any line. */
function stepCounts(
  parts: readonly (readonly string[])[],
  rules: LanguageRules,
): Readonly<Record<Opening | 'any', ReadonlyMap<number, number>>> {
  const counts = { block: new Map<number, number>(), arguments: new Map<number, number>() };
  const any = new Map<number, number>();
  for (const [above, line] of parts.flatMap(neighbours)) {
    if ((leadOf(above) + leadOf(line)).includes('\t')) continue;
    const step = indentWidth(line) - indentWidth(above);
    if (step <= 0 || step > widestUnit) continue;
    const opening = openingOfLine(above, rules);
    for (const steps of opening === null ? [any] : [any, counts[opening]]) {
      steps.set(step, (steps.get(step) ?? 0) + 1);
    }
  }
  return { ...counts, any };
}

function neighbours(lines: readonly string[]): readonly (readonly [string, string])[] {
  return lines.slice(1).map((line, index) => [lines[index] ?? '', line]);
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
