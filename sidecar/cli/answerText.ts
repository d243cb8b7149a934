import type { AskResult } from '../../protocol/messages.ts';
import { answerMarkerSpellings } from '../prompts/chatPrompt.ts';
import { announces, parseAnswer } from '../reasoning/answers/answerExtraction.ts';
import { printable } from './drawing/cellWidth.ts';

/**
 * What a reader takes away from a request, safe to print: the answer alone where the text marks one, a number or
 * a block of code in the form the vote compared, words as they were written, also where they are too many to be compared.
 * Otherwise the whole text, without a marker that nothing follows. Pure.
 */
export function answerText({ text, answer }: Pick<AskResult, 'text' | 'answer'>): string {
  const marker = lastMarker(text);
  if (marker === null) return printable(text).trim() || (answer ?? '');
  const marked = text.slice(marker.to);
  if (answer === null) {
    const written = marked.trim() === '' ? text.slice(0, marker.from) : marked;
    return printable(written).trim();
  }
  const parsed = parseAnswer(marked);
  // Where code was asked for, text after the marker is a remark.
  const isWords = parsed?.kind === 'text' && parsed.canonical === answer;
  return printable(isWords ? marked : answer).trim();
}

/** Place of the last marker that announces an answer. */
function lastMarker(text: string): { readonly from: number; readonly to: number } | null {
  const places = answerMarkerSpellings.flatMap((marker) =>
    Array.from(text.matchAll(new RegExp(marker, 'g')))
      .filter(({ index }) => announces(text, index))
      .map(({ index }) => ({ from: index, to: index + marker.length })),
  );
  return places.sort((a, b) => a.to - b.to).at(-1) ?? null;
}
