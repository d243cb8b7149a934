import type { CandidateState } from './traceState.ts';

/** A candidate's text in two parts, cues included. */
export interface WrittenText {
  readonly thought: string;
  /** '' until the answer has begun. */
  readonly answer: string;
}

/**
 * What a candidate has thought and what it answers with, what it was forked after included. Pure; costs one pass over its
 * tokens.
 */
export function writtenText(candidate: CandidateState, all: readonly CandidateState[]): WrittenText {
  const before = textBeforeFork(candidate, all);
  const own = partsUpTo(candidate, candidate.tokenCount);
  return { thought: before + own.thought, answer: own.answer };
}

function textBeforeFork({ id, parent }: CandidateState, all: readonly CandidateState[]): string {
  if (parent === null) return '';
  // A fork is opened after what it was forked from, so this ends.
  const origin = all.find((other) => other.id === parent.candidateId && other.id < id);
  if (origin === undefined) return '';
  const { thought, answer } = partsUpTo(origin, parent.tokenCount);
  return textBeforeFork(origin, all) + thought + answer;
}

function partsUpTo({ segments, tokens }: CandidateState, tokenCount: number): WrittenText {
  const { texts } = tokens;
  let thought = '';
  let answer: string | null = null;
  for (const segment of segments) {
    if (segment.type === 'cue') {
      if (segment.at > tokenCount) break;
      if (answer === null) thought += segment.text;
      else answer += segment.text;
      continue;
    }
    const text = texts.slice(segment.from, Math.min(segment.to, tokenCount)).join('');
    if (segment.purpose === 'answer') answer = (answer ?? '') + text;
    else if (answer === null) thought += text;
    else answer += text;
  }
  return { thought, answer: answer ?? '' };
}

/** A selected text without its thought; the whole of it where the candidate wrote no answer apart from its thought. Pure. */
export function splitSelected(text: string, answer: string): WrittenText {
  if (answer.trim() === '' || !text.endsWith(answer)) return { thought: '', answer: text };
  return { thought: text.slice(0, text.length - answer.length), answer };
}
