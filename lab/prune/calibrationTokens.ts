import type { Model, TokenId } from '../../sidecar/engine/engine.ts';
import type { ServedKind } from '../../sidecar/layerSkip/textQuality.ts';
import { uniformAt } from '../../sidecar/numeric/random.ts';
import { renderChatTokens } from '../../sidecar/prompts/chatTokens.ts';
import { buildInfillPrompt } from '../../sidecar/prompts/infillPrompt.ts';
import type { CalibrationPiece } from './calibrationText.ts';

/** A text as the model reads it. */
export interface CalibrationTokens {
  readonly kind: ServedKind;
  readonly tokens: readonly TokenId[];
  /** The first token that the model itself would write; those before are its prompt. At least 1. */
  readonly answerFrom: number;
}

export function tokenCountOf({ tokens }: CalibrationTokens): number {
  return tokens.length;
}

export interface CalibrationShape {
  /** Decides where documents are cut for fill-in-the-middle. 32-bit. */
  readonly seed: number;
  /** Tokens of one text at most; documents are split, prompts shortened. */
  readonly maxTokens: number;
}

/** A gap for about so many lines. */
const linesPerGap = 12;
/** Lines of the longest middle. */
const maxMiddleLines = 4;
/** Share of gaps that begin inside a line, as at a cursor; the others begin with a line. */
const shareInsideLine = 0.7;
/** Shares of the longest text before and after a gap. */
const prefixShare = 0.35;
const suffixShare = 0.12;
/** Middles shorter than this say nothing. */
const leastMiddleCharacters = 8;

type TextModel = Pick<Model, 'info' | 'tokenize' | 'renderChat'>;

/**
 * The texts in the form in which this model is asked: chats by its template, and documents both as they are and with
 * gaps to fill in, where it has tokens for that. The same seed gives the same texts.
 */
export async function encodeCalibration(
  model: TextModel,
  pieces: readonly CalibrationPiece[],
  shape: CalibrationShape,
  signal: AbortSignal,
): Promise<readonly CalibrationTokens[]> {
  const encoded = await Promise.all(
    pieces.map(async (piece, index) => {
      switch (piece.type) {
        case 'document':
          return [
            ...(await encodeDocument(model, piece.text, shape)),
            ...(model.info.infill === null
              ? []
              : await encodeGaps(model, { text: piece.text, index }, shape)),
          ];
        case 'chat':
          return model.info.hasChatTemplate ? [await encodeChat(model, piece, shape, signal)] : [];
      }
    }),
  );
  return encoded.flat().filter(({ tokens, answerFrom }) => tokens.length > answerFrom);
}

async function encodeDocument(
  model: TextModel,
  text: string,
  { maxTokens }: CalibrationShape,
): Promise<readonly CalibrationTokens[]> {
  const tokens = await model.tokenize(text, { special: false });
  const pieceCount = Math.ceil(tokens.length / maxTokens);
  const size = Math.ceil(tokens.length / Math.max(1, pieceCount));
  return Array.from({ length: pieceCount }, (_, piece) => ({
    kind: 'document' as const,
    tokens: tokens.slice(piece * size, (piece + 1) * size),
    answerFrom: 1,
  }));
}

async function encodeChat(
  model: TextModel,
  { messages }: Extract<CalibrationPiece, { type: 'chat' }>,
  { maxTokens }: CalibrationShape,
  signal: AbortSignal,
): Promise<CalibrationTokens> {
  const prompt = await renderChatTokens(model, messages.slice(0, -1), signal);
  const answer = await model.tokenize(messages.at(-1)?.content ?? '', { special: false });
  return {
    kind: 'chat',
    tokens: [...prompt.tokens, ...answer].slice(0, maxTokens),
    answerFrom: Math.max(1, prompt.tokens.length),
  };
}

async function encodeGaps(
  model: TextModel,
  document: { readonly text: string; readonly index: number },
  shape: CalibrationShape,
): Promise<readonly CalibrationTokens[]> {
  return Promise.all(
    cutGaps(document.text, document.index, shape.seed).map(async ({ prefix, middle, suffix }) => {
      const budget = {
        prefixTokens: Math.floor(shape.maxTokens * prefixShare),
        suffixTokens: Math.floor(shape.maxTokens * suffixShare),
      };
      const prompt = await buildInfillPrompt(model, { prefix, suffix }, budget);
      const answer = await model.tokenize(middle, { special: false });
      return {
        kind: 'infill' as const,
        tokens: [...prompt, ...answer].slice(0, shape.maxTokens),
        answerFrom: prompt.length,
      };
    }),
  );
}

interface Gap {
  readonly prefix: string;
  readonly middle: string;
  readonly suffix: string;
}

/** Gaps of one to `maxMiddleLines` lines, spread over the document. `stream` differs between documents. Pure. */
export function cutGaps(text: string, stream: number, seed: number): readonly Gap[] {
  const lines = text.split('\n');
  const gapCount = Math.floor(lines.length / linesPerGap);
  const starts: number[] = [];
  for (let at = 0, line = 0; line < lines.length; at += (lines[line] ?? '').length + 1, line++)
    starts.push(at);
  const gaps: Gap[] = [];
  for (let gap = 0; gap < gapCount; gap++) {
    const draw = (index: number): number => uniformAt(seed, stream, gap * 4 + index);
    const first = Math.floor((gap + draw(0)) * linesPerGap);
    const line = lines[first] ?? '';
    const indentation = line.length - line.trimStart().length;
    const inside = draw(1) < shareInsideLine ? Math.floor(draw(2) * (line.length - indentation)) : 0;
    const start = (starts[first] ?? 0) + indentation + inside;
    const last = Math.min(lines.length - 1, first + Math.floor(draw(3) * maxMiddleLines));
    const end = (starts[last] ?? 0) + (lines[last] ?? '').length;
    const middle = text.slice(start, end);
    if (middle.trim().length < leastMiddleCharacters) continue;
    gaps.push({ prefix: text.slice(0, start), middle, suffix: text.slice(end) });
  }
  return gaps;
}
