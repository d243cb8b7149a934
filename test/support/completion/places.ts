import type { FormattingOptions, SidecarSettings } from '../../../protocol/messages.ts';
import { type CompletionPlace, completionPlace } from '../../../sidecar/completion/completionPlace.ts';
import type { ShapeReader } from '../../../sidecar/syntax/codeShape.ts';
import { plainShape } from '../../../sidecar/syntax/plainShape.ts';

const limits = { beforeChars: 5000, afterChars: 5000 };

/** The place at a mark in a document; `|` unless another is named. No grammar is asked unless a reader is given. */
export function placeAt(
  marked: string,
  {
    mark = '|',
    languageId = 'plaintext',
    multiline = 'auto',
    read = (text) => plainShape(text, languageId),
    formatting,
    insertsOnly,
  }: {
    readonly mark?: string;
    readonly languageId?: string;
    readonly multiline?: SidecarSettings['multiline'];
    readonly read?: ShapeReader;
    readonly formatting?: FormattingOptions | undefined;
    readonly insertsOnly?: boolean;
  } = {},
): CompletionPlace {
  const offset = marked.indexOf(mark);
  const text = marked.slice(0, offset) + marked.slice(offset + mark.length);
  return completionPlace({ text, offset, languageId }, { limits, multiline, read, formatting, insertsOnly });
}
