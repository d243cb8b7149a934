/** Marks for a terminal: colours and weights, or nothing at all. */
export interface Style {
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warm: (text: string) => string;
  readonly bad: (text: string) => string;
}

const plain: Style = {
  dim: (text) => text,
  bold: (text) => text,
  good: (text) => text,
  warm: (text) => text,
  bad: (text) => text,
};

const coloured: Style = {
  dim: (text) => `\x1b[2m${text}\x1b[22m`,
  bold: (text) => `\x1b[1m${text}\x1b[22m`,
  good: (text) => `\x1b[32m${text}\x1b[39m`,
  warm: (text) => `\x1b[33m${text}\x1b[39m`,
  bad: (text) => `\x1b[31m${text}\x1b[39m`,
};

/** The sixteen basic colours alone: every terminal theme has chosen readable ones for them. */
export function styleFor({ hasColour }: { readonly hasColour: boolean }): Style {
  return hasColour ? coloured : plain;
}
