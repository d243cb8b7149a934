import type { AskResult } from '../../protocol/messages.ts';
import { answerMarkerSpellings } from '../prompts/chatPrompt.ts';
import { announces, parseAnswer } from '../selection/answerExtraction.ts';
import { printable } from './drawing/cellWidth.ts';

/**
 * What a reader takes away from a request, safe to print: the answer alone where the text marks one, a number or
 * a block of code in the form the vote compared, words as they were written. Otherwise the whole text. Pure.
 */
export function answerText({ text, answer }: Pick<AskResult, 'text' | 'answer'>): string {
  const marked = behindMarker(text);
  if (answer === null || marked === null) return printable(text).trim() || (answer ?? '');
  const parsed = parseAnswer(marked);
  // Of code that was asked for, what stands behind the marker is a remark.
  const isWords = parsed?.kind === 'text' && parsed.canonical === answer;
  return printable(isWords ? marked : answer).trim();
}

function behindMarker(text: string): string | null {
  const ends = answerMarkerSpellings.flatMap((marker) =>
    Array.from(text.matchAll(new RegExp(marker, 'g')))
      .filter(({ index }) => announces(text, index))
      .map(({ index }) => index + marker.length),
  );
  return ends.length === 0 ? null : text.slice(Math.max(...ends));
}
