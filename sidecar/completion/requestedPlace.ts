import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { CompleteParams } from '../../protocol/messages.ts';
import type { DocumentStore } from '../documents/documentStore.ts';
import type { DocumentPlace } from './completionPlace.ts';

/** A document as it was when the request came, and where in it the request is. */
export interface RequestedPlace extends DocumentPlace {
  readonly params: CompleteParams;
  /** Version of the document, as the client counts it: another one means that it has changed. */
  readonly version: number;
}

/**
 * Reads everything from the document at once, since it may change with the next message. Throws `document.unknown`.
 */
export function requestedPlace(documents: DocumentStore, params: CompleteParams): RequestedPlace {
  const document = documents.get(params.textDocument.uri);
  const { languageId, version } = document;
  return { params, languageId, version, ...readAt(document, params) };
}

/** The text and the cursor of a request: those of its document, or of what an assumed text makes of it. */
function readAt(
  document: TextDocument,
  { position, assumed }: CompleteParams,
): Pick<DocumentPlace, 'text' | 'offset'> {
  const text = document.getText();
  if (assumed === undefined) return { text, offset: document.offsetAt(position) };
  const { range, text: inserted } = assumed;
  const before = text.slice(0, document.offsetAt(range.start)) + inserted;
  return { text: before + text.slice(document.offsetAt(range.end)), offset: before.length };
}

/** `file:line:column`, counted from 1 as editors show it. */
export function placeTitle({ textDocument, position }: CompleteParams): string {
  const file = textDocument.uri.slice(textDocument.uri.lastIndexOf('/') + 1);
  return `${decode(file)}:${position.line + 1}:${position.character + 1}`;
}

function decode(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}
