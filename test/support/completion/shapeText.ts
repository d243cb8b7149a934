import type { CodeShape } from '../../../sidecar/syntax/codeShape.ts';

/** What a shape says of a text, in words that a test compares. */
export interface ShapeText {
  /** Each with `+` where it opens and `-` where it closes, with blanks between them. */
  readonly marks: string;
  /** Each with its kind in front. */
  readonly quotations: readonly string[];
}

export function shapeText(text: string, { marks, quotations }: CodeShape): ShapeText {
  return {
    marks: marks
      .map(({ at, length, opens }) => `${opens ? '+' : '-'}${text.slice(at, at + length)}`)
      .join(' '),
    quotations: quotations.map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`),
  };
}
