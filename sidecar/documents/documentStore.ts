import { TextDocument, type TextDocumentContentChangeEvent } from 'vscode-languageserver-textdocument';
import { CodedError } from '../../protocol/codedError.ts';

/** The open documents as their client last described them. Documents change in place: read text at once. */
export class DocumentStore {
  private readonly documents = new Map<string, TextDocument>();

  /** Opening an open document replaces it. */
  open(document: {
    readonly uri: string;
    readonly languageId: string;
    readonly version: number;
    readonly text: string;
  }): void {
    const { uri, languageId, version, text } = document;
    this.documents.set(uri, TextDocument.create(uri, languageId, version, text));
  }

  /** Applies changes in order. Throws `document.unknown` for a document that is not open. */
  change(uri: string, changes: readonly TextDocumentContentChangeEvent[], version: number): void {
    TextDocument.update(this.get(uri), [...changes], version);
  }

  close(uri: string): void {
    this.documents.delete(uri);
  }

  /** Throws `document.unknown` for a document that is not open. */
  get(uri: string): TextDocument {
    const document = this.documents.get(uri);
    if (document !== undefined) return document;
    throw new CodedError(
      'document.unknown',
      `The document ${uri} is not open here, so there is no text to complete.`,
      'Open the document (textDocument/didOpen) before asking for a completion in it.',
    );
  }

  /** The open documents, in the order of their opening. */
  all(): Iterable<TextDocument> {
    return this.documents.values();
  }

  /** The version now open, or null when the document has been closed. */
  versionOf(uri: string): number | null {
    return this.documents.get(uri)?.version ?? null;
  }
}
