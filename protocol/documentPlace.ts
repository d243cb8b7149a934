/** Zero-based, UTF-16 columns, as LSP counts. */
export interface DocumentPosition {
  readonly line: number;
  readonly character: number;
}

/** `end` excluded. */
export interface DocumentRange {
  readonly start: DocumentPosition;
  readonly end: DocumentPosition;
}

/** As in LSP. */
export interface FormattingOptions {
  readonly tabSize: number;
  readonly insertSpaces: boolean;
}
