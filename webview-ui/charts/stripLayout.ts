import type { CandidateState } from '../../protocol/traceState.ts';
import { splitByColumns, textColumns } from './textColumns.ts';

/** A token, or the part of one on this line. A cue has no token index. */
export interface StripPiece {
  readonly tokenIndex: number | null;
  readonly purpose: 'thought' | 'answer' | 'cue';
  /** What is drawn: line ends and tabs are made visible, a token without text shows as a box. */
  readonly text: string;
}

export type StripLine = readonly StripPiece[];

/** A candidate's text broken into lines of equal height, so that only those in view need to exist. */
export interface StripLayout {
  readonly lines: readonly StripLine[];
  /** Line on which each token begins. */
  readonly lineOfToken: readonly number[];
}

/** Narrower strips are laid out as if they were this wide, and scroll sideways. */
const fewestColumns = 16;

/**
 * Breaks a candidate's tokens and cues into lines of `columns` monospace cells: after a line end, else before the
 * last piece that begins with a space, else between pieces. Pure; linear in the text.
 */
export function layoutStrip(candidate: CandidateState, columns: number): StripLayout {
  const width = Math.max(fewestColumns, columns);
  const lines: StripLine[] = [];
  let line: StripPiece[] = [];
  let used = 0;
  let breakAt = 0;
  const startLine = (pieces: StripPiece[]): void => {
    line = pieces;
    used = pieces.reduce((sum, piece) => sum + textColumns(piece.text), 0);
    breakAt = 0;
  };
  for (const fragment of fragmentsOf(candidate, width)) {
    const fragmentColumns = textColumns(fragment.piece.text);
    // At most twice: what is carried over may leave too little room in its turn.
    while (used + fragmentColumns > width && line.length > 0) {
      const splitAt = breakAt > 0 && !startsWithSpace(fragment.piece) ? breakAt : line.length;
      lines.push(line.slice(0, splitAt));
      startLine(line.slice(splitAt));
    }
    if (startsWithSpace(fragment.piece)) breakAt = line.length;
    line.push(fragment.piece);
    used += fragmentColumns;
    if (fragment.endsLine) {
      lines.push(line);
      startLine([]);
    }
  }
  if (line.length > 0) lines.push(line);
  return { lines, lineOfToken: firstLines(lines) };
}

interface Fragment {
  readonly piece: StripPiece;
  readonly endsLine: boolean;
}

function* fragmentsOf(candidate: CandidateState, columns: number): Generator<Fragment> {
  for (const segment of candidate.segments) {
    if (segment.type === 'cue') {
      for (const word of segment.text.match(/[^\S\n]*[^\s]+|\s+/gu) ?? []) {
        yield* breakFragment(word, { tokenIndex: null, purpose: 'cue' }, columns);
      }
    } else {
      for (let tokenIndex = segment.from; tokenIndex < segment.to; tokenIndex++) {
        const text = candidate.tokens.texts[tokenIndex] ?? '';
        yield* breakFragment(text, { tokenIndex, purpose: segment.purpose }, columns);
      }
    }
  }
}

function* breakFragment(
  text: string,
  origin: Omit<StripPiece, 'text'>,
  columns: number,
): Generator<Fragment> {
  const rows = text.split('\n');
  for (const [index, row] of rows.entries()) {
    const endsLine = index < rows.length - 1;
    if (row === '' && !endsLine && rows.length > 1) return;
    const drawn = drawnText(row) + (endsLine ? '⏎' : '');
    const parts = splitByColumns(drawn === '' ? '▯' : drawn, columns);
    for (const [part, partText] of parts.entries()) {
      yield { piece: { ...origin, text: partText }, endsLine: endsLine && part === parts.length - 1 };
    }
  }
}

function drawnText(text: string): string {
  return text.replaceAll('\r', '␍').replaceAll('\t', '→   ');
}

function startsWithSpace(piece: StripPiece): boolean {
  return piece.text.startsWith(' ');
}

function firstLines(lines: readonly StripLine[]): readonly number[] {
  const lineOfToken: number[] = [];
  for (const [number, line] of lines.entries()) {
    for (const { tokenIndex } of line) {
      if (tokenIndex === lineOfToken.length) lineOfToken.push(number);
    }
  }
  return lineOfToken;
}
