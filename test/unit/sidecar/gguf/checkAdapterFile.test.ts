import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterBytes, checkAdapterFile } from '../../../../sidecar/gguf/checkAdapterFile.ts';
import type { GgufHeader } from '../../../../sidecar/gguf/ggufHeader.ts';
import { readGgufHeader } from '../../../../sidecar/gguf/readGgufHeader.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { loraFile } from '../../../support/modelFiles/loraFile.ts';
import { tinyModelBytes } from '../../../support/modelFiles/tinyModel.ts';

const matrix = 'blk.0.attn_q.weight';
const architecture = 'llama';
const names = [matrix];

async function check(
  bytes: (model: GgufHeader) => Uint8Array,
  model: Parameters<typeof tinyModelBytes>[0] = {},
): Promise<GgufHeader> {
  await using folder = await temporaryFolder();
  const [modelPath, adapterPath] = [
    path.join(folder.path, 'model.gguf'),
    path.join(folder.path, 'lora.gguf'),
  ];
  await writeFile(modelPath, tinyModelBytes(model));
  const header = await readGgufHeader(modelPath);
  await writeFile(adapterPath, bytes(header));
  return await checkAdapterFile(adapterPath, header);
}

describe('an adapter', () => {
  it('fits the model whose matrices it changes', async () => {
    const header = await check((model) => loraFile(model, { architecture, names }));
    // Rank 2 on 32 columns and 3 rows, in 32-bit floats.
    expect(adapterBytes(header)).toBe((2 * 32 + 2 * 3) * 4);
  });

  it.each([
    ['another architecture', { architecture: 'qwen2', names }],
    ['a matrix that is not there', { architecture, names: ['blk.9.attn_q.weight'] }],
    ['nothing to change', { architecture, names: [] }],
  ])('with %s is refused as of another model', async (_, options) => {
    await expect(check((model) => loraFile(model, options))).rejects.toMatchObject({
      code: 'adapter.incompatible',
    });
  });

  it('with other measures is refused as of another model', async () => {
    const made = check((model) => {
      const wider = model.tensors.map((tensor) => ({ ...tensor, shape: [64, 3] }));
      return loraFile({ tensors: wider }, { architecture, names });
    });
    await expect(made).rejects.toMatchObject({ code: 'adapter.incompatible' });
  });

  it.each<[string, (model: GgufHeader) => Uint8Array]>([
    ['is cut off', (model) => loraFile(model, { architecture, names }).subarray(0, 300)],
    ['is a whole model', () => tinyModelBytes({})],
    ['is of another kind', (model) => loraFile(model, { architecture, names, type: 'alora' })],
    ['is no GGUF file', () => new TextEncoder().encode('weights')],
  ])('that %s cannot be used', async (_, bytes) => {
    await expect(check(bytes)).rejects.toMatchObject({ code: 'adapter.unreadable' });
  });

  it('that is not there cannot be used', async () => {
    await using folder = await temporaryFolder();
    const modelPath = path.join(folder.path, 'model.gguf');
    await writeFile(modelPath, tinyModelBytes({}));
    const missing = checkAdapterFile(path.join(folder.path, 'lora.gguf'), await readGgufHeader(modelPath));
    await expect(missing).rejects.toMatchObject({ code: 'adapter.unreadable' });
  });
});
