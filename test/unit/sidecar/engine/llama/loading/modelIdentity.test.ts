import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelIdentity } from '../../../../../../protocol/traceEvent.ts';
import { identifyModel } from '../../../../../../sidecar/engine/llama/loading/modelIdentity.ts';
import { readGgufHeader } from '../../../../../../sidecar/gguf/readGgufHeader.ts';
import { temporaryFolder } from '../../../../../support/machine/temporaryFolder.ts';
import {
  textValue,
  tinyModelBytes,
  tinyTensor,
  uint32Value,
} from '../../../../../support/modelFiles/tinyModel.ts';

/** A pruned copy with a long vocabulary, weights beyond a mebibyte, and what it was healed with in between. */
function copyBytes({
  healingSeed,
  norm,
}: {
  readonly healingSeed: number;
  readonly norm: number;
}): Uint8Array {
  const metadata = new Map([
    ['tokenizer.ggml.tokens', textValue('x'.repeat(3 << 20))],
    ['entropane.heal.seed', uint32Value(healingSeed)],
  ]);
  const weights = tinyTensor('token_embd.weight', [1024, 512], 0, 1);
  return tinyModelBytes({ metadata, tensors: [weights, tinyTensor('output_norm.weight', [5], 0, norm)] });
}

describe('the identity of a model file that was never hashed', () => {
  it('tells copies of the same size apart by what stands behind the vocabulary, and by their tails', async () => {
    await using folder = await temporaryFolder();
    const identityOf = async (name: string, bytes: Uint8Array): Promise<ModelIdentity> => {
      const file = path.join(folder.path, name);
      await writeFile(file, bytes);
      return identifyModel(file, await readGgufHeader(file));
    };
    const copy = copyBytes({ healingSeed: 1, norm: 1 });
    const other = copyBytes({ healingSeed: 2, norm: 1 });
    expect(other.byteLength).toBe(copy.byteLength);
    const known = await identityOf('copy.gguf', copy);
    expect(known).toMatchObject({ name: 'copy.gguf', hashKind: 'headAndSize' });
    expect((await identityOf('moved.gguf', copy)).hash).toBe(known.hash);
    expect((await identityOf('other.gguf', other)).hash).not.toBe(known.hash);
    const renormed = await identityOf('renormed.gguf', copyBytes({ healingSeed: 1, norm: 2 }));
    expect(renormed.hash).not.toBe(known.hash);
  });
});
