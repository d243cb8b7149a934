import type { ThinkingMarkers } from '../../../protocol/thinking.ts';
import { answerCue, answerMarker, answerMarkerSpellings, continueCue } from '../../prompts/chatPrompt.ts';
import { announces } from '../answers/answerExtraction.ts';

/** A text that is put after a candidate's own. */
export interface Cue {
  readonly text: string;
  /** Whether control tokens are parsed in it. */
  readonly isControl: boolean;
}

/** How a thought ends and goes on: by the words that every model is asked for, or by the markers of a model's own. */
export interface ThoughtForm {
  /** Texts of which one may end the thought. */
  readonly ends: readonly string[];
  /** Reopens a thought within its answer; null where none can be. */
  readonly reopens: string | null;
  /** Whether a marker that was just written, the last of its kind in the text, is one, and not part of code. */
  readonly isMarker: (text: string, marker: string) => boolean;
  /** Where the answer begins, from the start of the cues that close the thought. */
  readonly answerOffset: number | 'afterCues';
  /** Closes a thought from outside, so that an answer of a line follows. */
  readonly closing: readonly Cue[];
  /** The same where the answer is a text of its own form, such as a program. */
  readonly plainClosing: readonly Cue[];
  /** Lets the thought go on at its end. */
  readonly continuation: Cue;
  /** Whether the marker that ended the thought has to go before it goes on. */
  readonly dropsMarker: boolean;
}

const inWords: ThoughtForm = {
  ends: answerMarkerSpellings,
  reopens: null,
  isMarker: (text, marker) => announces(text, text.lastIndexOf(marker)),
  answerOffset: 'afterCues',
  closing: [words(answerCue)],
  plainClosing: [words(answerCue)],
  continuation: words(continueCue),
  dropsMarker: false,
};

/** The form of a thought with these markers; in words where there are none. Pure. */
export function thoughtFormOf(markers: ThinkingMarkers | null): ThoughtForm {
  if (markers === null) return inWords;
  const { open, close, closing, continuation } = markers;
  const closed = { text: closing, isControl: true };
  return {
    ends: [close],
    reopens: open.trimEnd(),
    isMarker: isOutsideCode,
    answerOffset: closing.length,
    closing: [closed, words(answerMarker)],
    plainClosing: [closed],
    continuation: words(continuation),
    dropsMarker: true,
  };
}

function words(text: string): Cue {
  return { text, isControl: false };
}

/** Whether the last of these markers is in no block of code that is open, unless it begins a line, and in no code of its line. */
function isOutsideCode(text: string, marker: string): boolean {
  const index = text.lastIndexOf(marker);
  const line = text.slice(text.lastIndexOf('\n', index - 1) + 1, index);
  return announces(text, index) && (line.split('`').length - 1) % 2 === 0;
}
