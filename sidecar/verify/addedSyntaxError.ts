import type { SourcePosition } from '../../protocol/codeReading.ts';
import type { CodeParser } from './codeParser.ts';

/**
 * Whether a change of a document adds syntax errors: then the first error of the text afterwards, which may be one that it had
 * before. Null where it adds none, where no grammar of the language ships, and where reading takes too long. Never throws.
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
