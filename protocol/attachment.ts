/** Code that a question is about, or another text that goes along with one; put before the question in the prompt. */
export interface Attachment {
  readonly languageId: string;
  readonly path: string;
  readonly text: string;
  /** Errors and warnings that the client has for this code, one of the signs that a question about it is hard. */
  readonly diagnosticCount?: number;
}
