/** Code that a question is about, put before it in the prompt. */
export interface Attachment {
  readonly languageId: string;
  readonly path: string;
  readonly text: string;
  /** Errors and warnings that the client has for this code, one of the signs that a question about it is hard. */
  readonly diagnosticCount?: number;
}
