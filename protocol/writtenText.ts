import { withoutClosing } from './thinking.ts';
import { allThinkingMarkers } from './thinkingTable.ts';
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
  return { thought: withoutClosing(before + own.thought, allThinkingMarkers), answer: own.answer };
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
      // Words after the marker of a model's own thought are the beginning of the answer.
      if (answer === null && !isClosed(thought)) thought += segment.text;
      else answer = (answer ?? '') + segment.text;
      continue;
    }
    const text = texts.slice(segment.from, Math.min(segment.to, tokenCount)).join('');
    if (segment.purpose === 'answer') answer = (answer ?? '') + text;
    else {
      // Another thought, within what seemed to be the answer.
      thought += (answer ?? '') + text;
      answer = null;
    }
  }
  return { thought, answer: answer ?? '' };
}

/** Whether a thought ends with the marker that closes it. */
function isClosed(thought: string): boolean {
  const trimmed = thought.trimEnd();
  return allThinkingMarkers.some(({ close }) => trimmed.endsWith(close));
}

/**
 * A selected text as its candidate wrote it; all of it is the answer where the candidate wrote none apart from its thought.
 * The text of a model that marks its thought is without it. Pure.
 */
export function splitSelected(text: string, written: WrittenText): WrittenText {
  if (text === '') return written;
  const answer = written.answer.trimStart();
  if (answer.trim() === '' || !text.endsWith(answer)) return { thought: '', answer: text };
  return written;
}
