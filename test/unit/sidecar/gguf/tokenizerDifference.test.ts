import { describe, expect, it } from 'vitest';
import type { GgufHeader, GgufValue } from '../../../../sidecar/gguf/ggufHeader.ts';
import { tokenizerDifference } from '../../../../sidecar/gguf/tokenizerDifference.ts';
import { int32ArrayValue, textsValue, uint32Value } from '../../../support/modelFiles/tinyModel.ts';

function headerWith(texts: readonly string[], more: Readonly<Record<string, GgufValue>> = {}): GgufHeader {
  const metadata = new Map<string, GgufValue>([
    ['tokenizer.ggml.tokens', textsValue(texts)],
    ...Object.entries(more),
  ]);
  return { version: 3, metadata, tensors: [], alignment: 32, dataOffset: 0 };
}

const texts = ['a', 'b', 'ab', '<end>'];

describe('the difference of two tokenizers', () => {
  it('is none between equal lists, and none where one is padded', () => {
    expect(tokenizerDifference(headerWith(texts), headerWith(texts))).toBeNull();
    expect(tokenizerDifference(headerWith(texts), headerWith([...texts, '<pad>']))).toBeNull();
  });

  it('is told where a token means another text, however late', () => {
    expect(tokenizerDifference(headerWith(texts), headerWith(['a', 'b', 'ba', '<end>']))).toMatch(
      /other text/,
    );
    expect(tokenizerDifference(headerWith(texts), headerWith(['a', 'b', 'ab', '<End>']))).toMatch(
      /other text/,
    );
    // The same bytes cut at other places: the lengths are part of the comparison.
    expect(tokenizerDifference(headerWith(['ab', 'c']), headerWith(['a', 'bc']))).not.toBeNull();
  });

  it('is told with both sizes where one list is much longer', () => {
    const long = [...texts, ...Array.from({ length: 200 }, (_, i) => `t${i}`)];
    expect(tokenizerDifference(headerWith(texts), headerWith(long))).toContain('4 tokens and the other 204');
  });

  it('is told where the kind of a token differs, or the one that ends a text', () => {
    const kinds = (last: number) => ({ 'tokenizer.ggml.token_type': int32ArrayValue([1, 1, 1, last]) });
    expect(tokenizerDifference(headerWith(texts, kinds(3)), headerWith(texts, kinds(3)))).toBeNull();
    expect(tokenizerDifference(headerWith(texts, kinds(3)), headerWith(texts, kinds(1)))).toMatch(
      /control token/,
    );
    const ending = (id: number) => ({ 'tokenizer.ggml.eos_token_id': uint32Value(id) });
    expect(tokenizerDifference(headerWith(texts, ending(3)), headerWith(texts, ending(2)))).toContain(
      'eos_token_id is 3 in the one and 2 in the other',
    );
    expect(tokenizerDifference(headerWith(texts, ending(3)), headerWith(texts))).toBeNull();
  });

  it('is told of a file without tokens', () => {
    const empty: GgufHeader = { ...headerWith(texts), metadata: new Map() };
    expect(tokenizerDifference(headerWith(texts), empty)).toMatch(/no tokens/);
  });
});
