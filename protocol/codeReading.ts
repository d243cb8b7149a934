/** What a parser says of code. */
export interface CodeReading {
  /** Places that the grammar of the language cannot take, or where it misses something; 0 where the code parses. At most 100. */
  readonly errorCount: number;
  /** Null where it parses. */
  readonly firstError: SourcePosition | null;
}

/** Within a block of code or a document, both counted from 1, the column in UTF-16 units. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}
