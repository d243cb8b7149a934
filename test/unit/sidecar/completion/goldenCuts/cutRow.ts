/** One expectation: what of a generated text is inserted at the cursor. */
export interface CutRow {
  /** What the row is about; unique in its file. */
  readonly name: string;
  /** The document; `‸` is the cursor. */
  readonly document: string;
  /** What the model writes from the cursor on, with what it writes too much. */
  readonly generated: string;
  /** What is inserted; null: nothing is shown. */
  readonly inserted: string | null;
  /** True where the token limit broke `generated` off. */
  readonly isTruncated?: true;
}
