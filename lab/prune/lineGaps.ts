import type { Model } from '../../sidecar/engine/engine.ts';
import { buildInfillPrompt } from '../../sidecar/prompts/infillPrompt.ts';
import { greedyRequest, greedyText } from './greedyText.ts';

/** A document without the rest of one line, from its first letter on. */
export interface LineGap {
  readonly prefix: string;
  readonly line: string;
  readonly suffix: string;
}

/** Shorter lines, a bracket or an `else`, say nothing. */
const leastCharacters = 8;
/** Longest line waited for. */
const lineTokens = 48;
/** Tokens around a gap: enough to tell the document, and quickly read. */
const sides = { prefixTokens: 384, suffixTokens: 96 };

/** At most `count` lines of the documents, evenly spread over all of them. Pure. */
export function lineGaps(documents: readonly string[], count: number): readonly LineGap[] {
  const gaps = documents.flatMap((text) => gapsOf(text));
  const wanted = Math.min(count, gaps.length);
  return Array.from(
    { length: wanted },
    (_, place) => gaps[Math.floor((place * gaps.length) / wanted)],
  ).filter((gap) => gap !== undefined);
}

function gapsOf(text: string): readonly LineGap[] {
  const gaps: LineGap[] = [];
  let start = 0;
  for (const whole of text.split('\n')) {
    const line = whole.trim();
    const first = start + whole.length - whole.trimStart().length;
    if (line.length >= leastCharacters) {
      gaps.push({ prefix: text.slice(0, first), line, suffix: text.slice(first + line.length) });
    }
    start += whole.length + 1;
  }
  return gaps;
}

/**
 * Share of gaps that the model fills with the very line that was there, greedy; null for a model without tokens for
 * gaps, or where there is none.
 */
export async function filledShare(
  model: Model,
  gaps: readonly LineGap[],
  onGap: () => void,
  signal: AbortSignal,
): Promise<number | null> {
  if (model.info.infill === null || gaps.length === 0) return null;
  let filled = 0;
  for (const gap of gaps) {
    const prompt = await buildInfillPrompt(model, gap, sides);
    const { text } = await greedyText(model, prompt, greedyRequest(lineTokens, ['\n']), signal);
    if (text.trim() === gap.line) filled += 1;
    onGap();
  }
  return filled / gaps.length;
}
