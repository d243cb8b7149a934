import { CodedError } from '../../protocol/codedError.ts';
import type { CompleteParams, CompleteResult } from '../../protocol/messages.ts';
import type { SidecarClient } from './sidecarClient.ts';

/** A text with a cursor in it. */
export interface TextWithCursor {
  readonly uri: string;
  readonly languageId: string;
  readonly before: string;
  readonly after: string;
}

export type CompletionChoices = Pick<CompleteParams, 'candidates' | 'seed' | 'multiline' | 'maxTokens'>;

/**
 * Opens the text as a document, completes at its cursor, and closes it again. Throws `completion.unsupported` when
 * the model cannot fill in the middle, and `cancelled`. Items are to be inserted and replace nothing.
 */
export async function completeAt(
  client: SidecarClient,
  place: TextWithCursor,
  options: { readonly choices: CompletionChoices; readonly signal: AbortSignal },
): Promise<CompleteResult> {
  const { uri, languageId, before, after } = place;
  await client.openDocument({ uri, languageId, text: before + after });
  try {
    const result = await client.request(
      'entropane/complete',
      {
        textDocument: { uri },
        position: endPosition(before),
        trigger: 'invoked',
        insertsOnly: true,
        ...options.choices,
      },
      { signal: options.signal },
    );
    const { suppressed } = result.report;
    if (suppressed === 'modelLacksInfill') {
      throw new CodedError(
        'completion.unsupported',
        'The model has no fill-in-the-middle tokens, so it cannot complete code at a cursor.',
        'Choose one that can with --model, such as qwen2.5-coder-0.5b.',
      );
    }
    if (suppressed === 'cancelled') {
      throw new CodedError('cancelled', 'The completion was stopped.', 'Run it again.');
    }
    return result;
  } finally {
    await client.closeDocument(uri);
  }
}

/** Zero-based position after a text, UTF-16 columns; `\r\n`, `\n` and a lone `\r` end lines, as in LSP. */
export function endPosition(text: string): { readonly line: number; readonly character: number } {
  const lines = text.split(/\r\n|\n|\r/);
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

/** Offset of a one-based line and column; both must exist, the column may be just after the line. */
export function offsetOf(
  text: string,
  place: { readonly line: number; readonly column: number },
): number | null {
  let offset = 0;
  for (let line = 1; line < place.line; line += 1) {
    const lineEnd = /\r\n|\n|\r/g;
    lineEnd.lastIndex = offset;
    const match = lineEnd.exec(text);
    if (match === null) return null;
    offset = match.index + match[0].length;
  }
  const rest = /[\r\n]/.exec(text.slice(offset));
  const length = rest === null ? text.length - offset : rest.index;
  return place.column - 1 <= length ? offset + place.column - 1 : null;
}
