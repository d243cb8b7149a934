import type { ThinkingMarkers } from '../../../protocol/thinking.ts';
import { asksForCode } from '../../prompts/codeRequest.ts';
import { codeAnswer, extractAnswer, isWholeAnswer, parseAnswer, statesAnswer } from './answerExtraction.ts';
import { hasOpenFence } from './codeFence.ts';
import { withMarkersApart, writtenCode } from './writtenCode.ts';

/** How the answer of a candidate is read from its text, which is everything after the prompt. Pure. */
export interface AnswerReader {
  /** Canonical, or null where there is none. `answerFrom` is where it begins; 0 where it may be anywhere. */
  read(text: string, answerFrom: number): string | null;
  /** Whether an answer that is being written from there on has all it needs. */
  isWhole(text: string, answerFrom: number): boolean;
  /** What others read of a text: without a thought that the model put before its answer. */
  shown(text: string): string;
  /** Whether it fits a line, so that a thought can be asked for it on trial. */
  readonly fitsLine: boolean;
}

/** An answer that is marked, or that the text ends with. A block of code is none where words are marked as the answer. */
export const valueReader: AnswerReader = {
  read: (text, answerFrom) => {
    const marked = answerFrom === 0 ? '' : text.slice(answerFrom).trim();
    const stated = parseAnswer(marked);
    if (stated !== null) return stated.canonical;
    const found = extractAnswer(text);
    return found === null || (found.kind === 'code' && marked !== '') ? null : found.canonical;
  },
  isWhole: (text, answerFrom) => isWholeAnswer(text.slice(answerFrom)),
  shown: asItIs,
  fitsLine: true,
};

/** The program that a text wrote, wherever it is. Nothing that it is said to print is an answer, nor is a remark on it. */
export const codeReader: AnswerReader = {
  read: (text) => {
    const code = writtenCode(text);
    return code === null ? null : codeAnswer(code.text).canonical;
  },
  isWhole: (text, answerFrom) =>
    text.slice(answerFrom).trim() !== '' &&
    !hasOpenFence(withMarkersApart(text)) &&
    writtenCode(text) !== null,
  shown: asItIs,
  fitsLine: false,
};

/** The same of a model that marks its thought: nothing in that is an answer, and what follows may be prose around one. */
function afterThought(reader: AnswerReader): AnswerReader {
  return {
    read: (text, answerFrom) => (answerFrom === 0 ? null : reader.read(text.slice(answerFrom), 0)),
    isWhole: (text, answerFrom) => {
      const answer = text.slice(answerFrom);
      return reader.fitsLine ? statesAnswer(answer) : reader.isWhole(answer, 0);
    },
    shown: asItIs,
    fitsLine: reader.fitsLine,
  };
}

/** The same of texts that may begin with a marked thought, which a server wrote in one with the answer. */
function pastThought(reader: AnswerReader, { open, close }: ThinkingMarkers): AnswerReader {
  const shown = (text: string): string => {
    if (!text.trimStart().startsWith(open.trim())) return text;
    const end = text.indexOf(close);
    return end < 0 ? '' : text.slice(end + close.length).trimStart();
  };
  return {
    read: (text) => reader.read(shown(text), 0),
    isWhole: (text) => reader.isWhole(shown(text), 0),
    shown,
    fitsLine: reader.fitsLine,
  };
}

/** Where the model's own marks of a thought may be: around a part of its own, or in one text with the answer. */
export interface MarkedThought {
  readonly markers: ThinkingMarkers | null;
  readonly inText: ThinkingMarkers | null;
}

/** What the answers to a question are, which nothing in a marked thought is. Pure. */
export function answerReaderFor(question: string, { markers, inText }: MarkedThought): AnswerReader {
  const reader = asksForCode(question) ? codeReader : valueReader;
  if (markers !== null) return afterThought(reader);
  return inText === null ? reader : pastThought(reader, inText);
}

function asItIs(text: string): string {
  return text;
}
