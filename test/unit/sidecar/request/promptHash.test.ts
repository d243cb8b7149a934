import { describe, expect, it } from 'vitest';
import { hashPromptText, hashPromptTokens } from '../../../../sidecar/request/promptHash.ts';
import { runScripted } from '../../../support/engine/scriptedRequest.ts';

// Expected hashes come from Python: hashlib.sha256 over str.encode() and over struct.pack('<3i', …).
describe('the hash of a prompt', () => {
  it('is that of its text as UTF-8', () => {
    expect(hashPromptText('Añ')).toBe('535658fbbf75c4d499db2a959f2defce532158e6e0e44a48cdfd1fa67b792f17');
  });

  it('is that of its token ids as 32-bit little-endian integers', () => {
    expect(hashPromptTokens([1, 258, 151_935])).toBe(
      'f8fd388912edf02e593f2f4c4fac0f85cafeafffe0fbdc6642be16fbd4062e12',
    );
  });

  it('is in the trace of a question that of the text the model reads', async () => {
    let read = '';
    const { state } = await runScripted(({ text, call }) => {
      if (call === 0) read = text;
      return 'Twelve.';
    });
    expect(read).toContain('How many legs');
    expect(state.started?.promptHash).toBe(hashPromptText(read));
  });
});
