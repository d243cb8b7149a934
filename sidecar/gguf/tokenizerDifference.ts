import { metadataNumber, type GgufArray, type GgufHeader } from './ggufHeader.ts';

/**
 * Most tokens that one list may have beyond the other: models of a family pad theirs to other multiples. The bound is
 * llama.cpp's own (`SPEC_VOCAB_MAX_SIZE_DIFFERENCE`).
 */
const mostPadding = 128;

/** Keys of tokens that begin or end a text. A file may leave each out. */
const specialKeys = ['bos_token_id', 'eos_token_id', 'eot_token_id', 'eom_token_id'] as const;

/**
 * How the token ids of two models differ in meaning, as the end of a sentence; null when an id of the one is the same
 * text in the other, as far as both lists reach. Compares every token's text and kind byte by byte, and the tokens
 * that begin and end a text where both files name them. Merges are left out: only one of the two splits a text.
 */
export function tokenizerDifference(first: GgufHeader, second: GgufHeader): string | null {
  const tokens = listsOf(first, second, 'tokenizer.ggml.tokens');
  if (tokens === null) return 'one of the files lists no tokens';
  const [ours, theirs] = tokens;
  if (Math.abs(ours.count - theirs.count) > mostPadding) {
    return `one has ${ours.count} tokens and the other ${theirs.count}`;
  }
  if (!startAlike(ours, theirs)) return 'the same number is other text in the one than in the other';
  const kinds = listsOf(first, second, 'tokenizer.ggml.token_type');
  if (kinds !== null && !startAlike(...kinds))
    return 'a token is text in the one and a control token in the other';
  for (const name of specialKeys) {
    const key = `tokenizer.ggml.${name}`;
    const own = metadataNumber(first, key);
    const other = metadataNumber(second, key);
    if (own !== null && other !== null && own !== other)
      return `${key} is ${own} in the one and ${other} in the other`;
  }
  return null;
}

function listsOf(first: GgufHeader, second: GgufHeader, key: string): readonly [GgufArray, GgufArray] | null {
  const ours = first.metadata.get(key);
  const theirs = second.metadata.get(key);
  return ours?.type === 'array' && theirs?.type === 'array' ? [ours, theirs] : null;
}

/** Whether the shorter encoding is the start of the longer: strings carry their lengths, so no token can be cut. */
function startAlike(first: GgufArray, second: GgufArray): boolean {
  const bytes = Math.min(first.bytes.byteLength, second.bytes.byteLength);
  const isSameType = first.elementType === second.elementType;
  return isSameType && Buffer.compare(first.bytes.subarray(0, bytes), second.bytes.subarray(0, bytes)) === 0;
}
