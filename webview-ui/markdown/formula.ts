/** UTF-16 units of one formula: what is longer stays text, as typed. */
const maxFormulaLength = 2000;

export interface Formula {
  /** LaTeX without its brackets. */
  readonly tex: string;
  /** Whether it has a line of its own, as `\[` asks for, and not within one, as `\(` does. */
  readonly isDisplay: boolean;
}

/** The formula that a text begins with, brackets included; null where it begins with none, or nothing closes it. Pure. */
export function formulaAt(text: string): string | null {
  const closing = text.startsWith('\\(') ? '\\)' : text.startsWith('\\[') ? '\\]' : null;
  if (closing === null) return null;
  const end = text.slice(0, maxFormulaLength).indexOf(closing, 2);
  if (end < 0) return null;
  const formula = text.slice(0, end + 2);
  const tex = formula.slice(2, -2);
  // A blank line ends a paragraph, and with it all that is open; a number in brackets is a reference or an index.
  const isNone = /^\s*$|\n\s*\n/u.test(tex) || (closing === '\\]' && /^\d+$/u.test(tex));
  return isNone ? null : formula;
}

/**
 * The end of a formula that begins a line of these first `length` UTF-16 units of a text and goes on behind them; null
 * where there is none. Pure.
 */
export function openFormulaEnd(text: string, length: number): number | null {
  for (const { index, 0: lead } of text.slice(0, length).matchAll(/^ {0,3}(?=\\\[)/gmu)) {
    const from = index + lead.length;
    const end = from + (formulaAt(text.slice(from))?.length ?? 0);
    if (end > length) return end;
  }
  return null;
}

/** A text that `formulaAt` gave, taken apart; null for any other. Pure. */
export function formulaIn(text: string): Formula | null {
  if (formulaAt(text) !== text) return null;
  return { tex: text.slice(2, -2).trim(), isDisplay: text.startsWith('\\[') };
}

/**
 * Commands that a formula has no need of: macros of its own, whose text grows with each use until it fills the memory, and
 * what would be a link, an image or HTML.
 */
const undrawn =
  /\\(?:[egx]?def|let|futurelet|global|long|(?:re)?newcommand|providecommand|href|url|includegraphics|html[A-Za-z]*)(?![A-Za-z])/u;

/** Whether a formula is to be drawn, and not shown as LaTeX. Pure. */
export function isDrawable({ tex }: Formula): boolean {
  return !undrawn.test(tex);
}
