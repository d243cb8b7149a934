import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { CodedError } from '../../../protocol/codedError.ts';
import type { QuantisedBits } from './valueBasis.ts';
import { stateCount, type ValueQuestion } from './valueQuestion.ts';
import { encodeQuestion, parseQuestion } from './valueQuestionJson.ts';

/** A question with its states as whole numbers of a basis, in the order of `StatedQuestion.states`. */
export interface QuantisedQuestion extends ValueQuestion {
  readonly levels: readonly Int8Array[];
}

/** How the levels lie in a part. */
export interface LevelShape {
  readonly componentCount: number;
  readonly bits: QuantisedBits;
}

/**
 * Some questions as one compressed file: the length of the text in bytes (32 bits, little-endian), one line of JSON a
 * question, and the levels of all states, component after component, two to a byte where they have four bits.
 */
export function encodePart(
  questions: readonly QuantisedQuestion[],
  { componentCount, bits }: LevelShape,
): Uint8Array {
  const text = Buffer.from(questions.map((question) => `${encodeQuestion(question)}\n`).join(''), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const states = questions.flatMap(({ levels }) => levels);
  const all = new Int8Array(states.length * componentCount);
  for (const [row, levels] of states.entries()) {
    for (let c = 0; c < componentCount; c++) all[c * states.length + row] = levels[c] ?? 0;
  }
  return brotliCompressSync(
    Buffer.concat([length, text, bits === 8 ? new Uint8Array(all.buffer) : packedNibbles(all)]),
    {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      },
    },
  );
}

/** Reads what `encodePart` wrote. Throws `calibration.mismatch` for anything else. */
export function decodePart(
  bytes: Uint8Array,
  { componentCount, bits }: LevelShape,
): readonly QuantisedQuestion[] {
  const content = decompressed(bytes);
  const textBytes = content.length >= 4 ? content.readUInt32LE() : 0;
  const lines = content
    .toString('utf8', 4, 4 + textBytes)
    .split('\n')
    .slice(0, -1);
  const questions = lines.map((line) => {
    const question = parseQuestion(line);
    if (question === null) throw damaged();
    return question;
  });
  const rows = questions.reduce((sum, question) => sum + stateCount(question), 0);
  const stored = content.subarray(4 + textBytes);
  const count = rows * componentCount;
  if (stored.length !== (bits === 8 ? count : Math.ceil(count / 2))) throw damaged();
  const all = bits === 8 ? Int8Array.from(stored, asSigned) : unpackedNibbles(stored, count);
  let row = 0;
  return questions.map((question) => {
    const levels = Array.from({ length: stateCount(question) }, () => {
      const at = row++;
      return Int8Array.from({ length: componentCount }, (_, c) => all[c * rows + at] ?? 0);
    });
    return { ...question, levels };
  });
}

function packedNibbles(levels: Int8Array): Uint8Array {
  return Uint8Array.from({ length: Math.ceil(levels.length / 2) }, (_, i) => {
    const low = (levels[2 * i] ?? 0) & 0xf;
    const high = (levels[2 * i + 1] ?? 0) & 0xf;
    return low | (high << 4);
  });
}

function unpackedNibbles(bytes: Uint8Array, count: number): Int8Array {
  return Int8Array.from({ length: count }, (_, i) => {
    const nibble = ((bytes[i >> 1] ?? 0) >> (i % 2 === 0 ? 0 : 4)) & 0xf;
    return nibble < 8 ? nibble : nibble - 16;
  });
}

function asSigned(byte: number): number {
  return byte < 128 ? byte : byte - 256;
}

function decompressed(bytes: Uint8Array): Buffer {
  try {
    return brotliDecompressSync(bytes);
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause?: unknown): CodedError {
  return new CodedError(
    'calibration.mismatch',
    'A part of a value set is damaged, so its samples cannot be read.',
    'Restore the file from where it was published, or remove the set and sample it anew.',
    { cause },
  );
}
