/** Boxes looked at from the end; a text of unclosed ones would otherwise be searched once for each. */
const mostBoxes = 8;

/** The content of the last `\boxed{…}` or `\fbox{…}` whose braces balance, or null. */
export function lastBoxed(text: string): string | null {
  const starts = [...text.matchAll(/\\(?:boxed|fbox)\s*\{/g)].slice(-mostBoxes).reverse();
  for (const match of starts) {
    const content = bracedFrom(text, match.index + match[0].length - 1);
    if (content !== null) return content;
  }
  return null;
}

/**
 * LaTeX around a value taken away: math delimiters (a currency's dollar sign with them), `\text`, spacing, `\left`
 * and `\right`, escaped signs. Fractions become `a/b`, after a whole number `n a/b`.
 */
export function plainFromLatex(text: string): string {
  const unwrapped = text
    .replace(/\\[[\]()]/g, ' ')
    .replace(/\\(?:left|right|displaystyle)(?![a-z])/g, '')
    .replace(/(?<!\\)\\[,;:! ]/g, ' ')
    .replace(/\\(?:text|mathrm|mathbf|textbf|operatorname)\s*\{([^{}]*)\}/g, ' $1 ')
    .replace(/\^\s*\{?\s*\\circ\s*\}?/g, '°')
    .replace(/\\([%#&_])/g, '$1')
    .replace(/\\?\$/g, ' ')
    .replace(/\{,\}/g, ',');
  return flattenFractions(unwrapped).trim();
}

function flattenFractions(text: string): string {
  const match = /\\[dtc]?frac\s*/.exec(text);
  if (match === null) return text;
  const upper = argumentAt(text, match.index + match[0].length);
  const lower = upper === null ? null : argumentAt(text, upper.end);
  if (upper === null || lower === null) return text;
  const before = text.slice(0, match.index);
  const gap = /\d\s*$/.test(before) ? ' ' : '';
  return (
    before.trimEnd() + gap + `${upper.content}/${lower.content}` + flattenFractions(text.slice(lower.end))
  );
}

/** A macro's argument: a braced group, or the single character in place of one. */
function argumentAt(text: string, from: number): { readonly content: string; readonly end: number } | null {
  const start = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  if (text[start] === '{') {
    const content = bracedFrom(text, start);
    return content === null ? null : { content: content.trim(), end: start + content.length + 2 };
  }
  const character = text[start];
  return character !== undefined && /\w/.test(character) ? { content: character, end: start + 1 } : null;
}

/** The text between the brace at `open` and the one that closes it, or null when none does. */
function bracedFrom(text: string, open: number): string | null {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    if (text[index] === '\\') index++;
    else if (text[index] === '{') depth++;
    else if (text[index] === '}' && --depth === 0) return text.slice(open + 1, index);
  }
  return null;
}
