/** A bracket, or a word or tag that acts as one. Those in strings and comments are no marks. */
export interface Mark {
  /** First character, in UTF-16 units from the start of the text. */
  readonly at: number;
  readonly length: number;
  /** Names the pair: its closing half. */
  readonly pair: string;
  readonly opens: boolean;
}

/** A string or a comment, or code that stands in a string; `end` excluded, in UTF-16 units. */
export interface Quotation {
  readonly kind: 'string' | 'comment' | 'code';
  readonly start: number;
  readonly end: number;
}

/** How a text is built, as far as cutting a completion needs it. */
export interface CodeShape {
  /** In the order of the text. */
  readonly marks: readonly Mark[];
  /** In the order of the text; one may lie in another. */
  readonly quotations: readonly Quotation[];
  /** Places where the text breaks its grammar; null where no grammar was asked. */
  readonly errorCount: number | null;
}

/** The innermost quotation that an offset lies in, both ends excluded; null outside of any, and in code. */
export function quotationAt(quotations: readonly Quotation[], offset: number): Quotation | null {
  const innermost = quotations.findLast(({ start, end }) => start < offset && offset < end) ?? null;
  return innermost?.kind === 'code' ? null : innermost;
}

/** Part of a text, `to` excluded, in UTF-16 units. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** Reads the shape of a text, or of a part of it: the errors are those of the whole. Null where that takes too long. */
export type ShapeReader = (text: string, part?: TextRange) => CodeShape | null;
