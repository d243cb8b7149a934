import type { SourcePosition } from '../../protocol/codeReading.ts';
import type { CodeParser, Reading } from './codeParser.ts';

/** A document's text before and after a change. */
interface DocumentChange {
  readonly languageId: string;
  readonly before: string;
  readonly after: string;
}

/**
 * What a parser says of a changed document: errors that it had before are not the change's, so with no more of them than that it has
 * none. Where the document before cannot be read, nothing is known of the change. Never throws.
 */
export async function readingOfChange(
  parser: CodeParser,
  { languageId, before, after }: DocumentChange,
): Promise<Reading> {
  const read = (text: string): Promise<Reading> => parser.read({ languageId, text }, null);
  const changed = await read(after);
  if (!('errorCount' in changed) || changed.errorCount === 0) return changed;
  const original = await read(before);
  if (!('errorCount' in original)) return original;
  return changed.errorCount <= original.errorCount ? { errorCount: 0, firstError: null } : changed;
}

/**
 * Whether a change of a document adds syntax errors: then the first error of the text afterwards, which may be one that it had
 * before. Null where it adds none, where no grammar of the language ships, and where reading takes too long. Never throws.
 */
export async function addedSyntaxError(
  parser: CodeParser | null,
  change: DocumentChange,
): Promise<SourcePosition | null> {
  if (parser === null || change.before === change.after) return null;
  const reading = await readingOfChange(parser, change);
  return 'errorCount' in reading ? reading.firstError : null;
}
