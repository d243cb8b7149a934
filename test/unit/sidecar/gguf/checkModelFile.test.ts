import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkModelFile } from '../../../../sidecar/gguf/checkModelFile.ts';
import { blockCountOf, metadataNumber, metadataText } from '../../../../sidecar/gguf/ggufHeader.ts';
import { textValue, tinyModelBytes, tinyModelMetadata } from '../../../support/modelFiles/tinyModel.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entropane-gguf-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function fileWith(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'model.gguf');
  await writeFile(path, bytes);
  return path;
}

describe('checkModelFile', () => {
  it('reads a model whose header is longer than the first read', async () => {
    const longText = textValue('x'.repeat(3 << 20));
    const path = await fileWith(tinyModelBytes({ metadata: new Map([['general.description', longText]]) }));
    const header = await checkModelFile(path);
    expect(blockCountOf(header)).toBe(4);
    expect(metadataText(header, 'general.description')?.length).toBe(3 << 20);
    expect(metadataNumber(header, 'general.description')).toBeNull();
    expect(metadataNumber(header, 'llama.rope.freq_base')).toBe(10_000);
  });

  it('tells a missing file from one that cannot be read', async () => {
    await expect(checkModelFile(join(folder, 'absent.gguf'))).rejects.toMatchObject({
      code: 'model.missing',
    });
    await expect(checkModelFile(folder)).rejects.toMatchObject({ code: 'model.unreadable' });
  });

  it('refuses a download that was cut off, in its header and in its tensors', async () => {
    const bytes = tinyModelBytes({});
    const path = await fileWith(bytes);
    await truncate(path, bytes.byteLength - 32);
    await expect(checkModelFile(path)).rejects.toMatchObject({ code: 'model.unreadable' });
    await truncate(path, 100);
    await expect(checkModelFile(path)).rejects.toMatchObject({ code: 'model.unreadable' });
    await truncate(path, 0);
    await expect(checkModelFile(path)).rejects.toMatchObject({ code: 'model.unreadable' });
  });

  it.each(['general.architecture', 'llama.block_count', 'tokenizer.ggml.model'])(
    'refuses a whole GGUF file without %s',
    async (key) => {
      const metadata = new Map([...tinyModelMetadata].filter(([name]) => name !== key));
      const path = await fileWith(tinyModelBytes({ base: metadata }));
      await expect(checkModelFile(path)).rejects.toMatchObject({ code: 'model.unsupported' });
    },
  );

  it('refuses an adapter', async () => {
    const path = await fileWith(
      tinyModelBytes({ metadata: new Map([['general.type', textValue('adapter')]]) }),
    );
    await expect(checkModelFile(path)).rejects.toMatchObject({ code: 'model.unsupported' });
  });
});
