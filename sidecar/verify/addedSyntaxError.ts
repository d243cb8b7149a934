import type { SourcePosition } from '../../protocol/codeReading.ts';
import type { CodeParser } from './codeParser.ts';

/**
 * Where a document no longer parses after a change: the first error of the text afterwards, if that has more of them than before.
 * Null where it has not, and where its language has no grammar here. Never throws.
 */
export async function addedSyntaxError(
  parser: CodeParser | null,
  {
    languageId,
    before,
    after,
  }: { readonly languageId: string; readonly before: string; readonly after: string },
): Promise<SourcePosition | null> {
  if (parser === null || before === after) return null;
  const changed = await parser.read({ languageId, text: after }, null);
  if (!('errorCount' in changed) || changed.errorCount === 0) return null;
  const original = await parser.read({ languageId, text: before }, null);
  return 'errorCount' in original && original.errorCount < changed.errorCount ? changed.firstError : null;
}
