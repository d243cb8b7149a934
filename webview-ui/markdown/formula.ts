/** UTF-16 units of one formula: what is longer stays text, as typed. */
const maxFormulaLength = 2000;

export interface Formula {
  /** LaTeX without its brackets. */
  readonly tex: string;
  /** Whether it stands on a line of its own, as `\[` asks for, and not within one, as `\(` does. */
  readonly isDisplay: boolean;
}

/** The formula that a text begins with, brackets included; null where it begins with none, or nothing closes it. Pure. */
export function formulaAt(text: string): string | null {
  const closing = text.startsWith('\\(') ? '\\)' : text.startsWith('\\[') ? '\\]' : null;
  if (closing === null) return null;
  const end = text.slice(0, maxFormulaLength).indexOf(closing, 2);
  const formula = text.slice(0, end + 2);
  // A blank line ends a paragraph, and with it all that stands open.
  return end < 0 || /\n\s*\n/u.test(formula) ? null : formula;
}

/** A text that `formulaAt` gave, taken apart; null for any other. Pure. */
export function formulaIn(text: string): Formula | null {
  if (formulaAt(text) !== text) return null;
  return { tex: text.slice(2, -2).trim(), isDisplay: text.startsWith('\\[') };
}
