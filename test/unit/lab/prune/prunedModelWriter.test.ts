import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelHealing } from '../../../../lab/prune/healingRecord.ts';
import { planPruning } from '../../../../lab/prune/prunePlan.ts';
import { writePrunedModel } from '../../../../lab/prune/prunedModelWriter.ts';
import { checkModelFile } from '../../../../sidecar/gguf/checkModelFile.ts';
import { blockCountOf, type GgufValue, metadataText } from '../../../../sidecar/gguf/ggufHeader.ts';
import {
  int32ArrayValue,
  textValue,
  tinyModelBytes,
  tinyTensor,
  tinyTensors,
  uint32Value,
} from '../../../support/modelFiles/tinyModel.ts';

let folder = '';
let sourcePath = '';
let outputPath = '';
const never = new AbortController().signal;
const quiet = { onProgress: () => undefined };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entropane-prune-'));
  sourcePath = join(folder, 'source.gguf');
  outputPath = join(folder, 'pruned.gguf');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const planFor = (blocks: readonly number[], blockCount = 4) =>
  planPruning({ sha256: 'abc', blockCount }, { type: 'drop', blocks });

async function prune(
  model: Parameters<typeof tinyModelBytes>[0],
  blocks: readonly number[],
  blockCount = 4,
): Promise<number> {
  await writeFile(sourcePath, tinyModelBytes(model));
  return writePrunedModel(sourcePath, outputPath, planFor(blocks, blockCount), quiet, never);
}

describe('writePrunedModel', () => {
  it('takes the blocks out, renumbers the rest and keeps every byte of them', async () => {
    const sizeBytes = await prune({}, [1, 2]);
    const header = await checkModelFile(outputPath);
    const bytes = await readFile(outputPath);
    expect(bytes.byteLength).toBe(sizeBytes);
    expect(blockCountOf(header)).toBe(2);
    const contents = header.tensors.map((tensor) => {
      const start = header.dataOffset + tensor.offset;
      return [
        tensor.name,
        tensor.elementType.name,
        [...new Set(bytes.subarray(start, start + tensor.sizeBytes))],
      ];
    });
    expect(contents).toEqual([
      ['token_embd.weight', 'Q8_0', [255]],
      ['blk.0.attn_q.weight', 'Q4_0', [1]],
      ['blk.0.attn_norm.weight', 'F32', [2]],
      ['blk.1.attn_q.weight', 'Q4_0', [49]],
      ['blk.1.attn_norm.weight', 'F32', [50]],
      ['output_norm.weight', 'F32', [254]],
    ]);
  });

  it('keeps the plan in the file: how its blocks were chosen, which, and out of how many of which model', async () => {
    await writeFile(sourcePath, tinyModelBytes({}));
    const plan = planPruning({ sha256: 'abc', blockCount: 4 }, { type: 'keepRatio', ratio: 0.5 });
    await writePrunedModel(sourcePath, outputPath, plan, quiet, never);
    const header = await checkModelFile(outputPath);
    expect({
      sourceSha256: metadataText(header, 'entropane.prune.source_sha256'),
      blockCount: (blockCountOf(header) ?? 0) + plan.droppedBlocks.length,
      droppedBlocks: header.metadata.get('entropane.prune.dropped_blocks'),
      choice: { type: metadataText(header, 'entropane.prune.choice') },
    }).toEqual({ ...plan, droppedBlocks: int32ArrayValue([...plan.droppedBlocks]) });
  });

  it('is the model itself, byte for byte, as far as its data goes when only the last block goes', async () => {
    await prune({}, [3]);
    const before = await checkModelFile(sourcePath);
    const after = await checkModelFile(outputPath);
    const [source, pruned] = await Promise.all([readFile(sourcePath), readFile(outputPath)]);
    const untouched = after.tensors.at(-1)?.offset ?? 0;
    expect(untouched).toBeGreaterThan(0);
    const dataOf = (file: Buffer, start: number) => file.subarray(start, start + untouched);
    expect(dataOf(pruned, after.dataOffset).equals(dataOf(source, before.dataOffset))).toBe(true);
  });

  it('cuts every list with an entry per block, numbers and texts, and no other list', async () => {
    const texts = (words: readonly string[]): GgufValue => ({
      type: 'array',
      elementType: 'string',
      count: words.length,
      bytes: new Uint8Array(
        words.flatMap((word) => [word.length, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(word)]),
      ),
    });
    const metadata = new Map([
      ['llama.feed_forward_length', int32ArrayValue([10, 11, 12, 13])],
      ['llama.block_names', texts(['a', 'bb', 'ccc', 'dddd'])],
      ['llama.rope.scaling.factors', int32ArrayValue([1, 2, 3])],
      ['tokenizer.ggml.token_type', int32ArrayValue([1, 1, 1, 1])],
    ]);
    await prune({ metadata }, [0, 2]);
    const header = await checkModelFile(outputPath);
    expect(header.metadata.get('llama.feed_forward_length')).toEqual(int32ArrayValue([11, 13]));
    expect(header.metadata.get('llama.block_names')).toEqual(texts(['bb', 'dddd']));
    expect(header.metadata.get('llama.rope.scaling.factors')).toEqual(int32ArrayValue([1, 2, 3]));
    expect(header.metadata.get('tokenizer.ggml.token_type')).toEqual(int32ArrayValue([1, 1, 1, 1]));
  });

  it('says in the file what was done to it', async () => {
    await prune({}, [2, 1]);
    const header = await checkModelFile(outputPath);
    expect(metadataText(header, 'general.name')).toBe('Tiny without blocks 1, 2');
    expect(metadataText(header, 'entropane.prune.source_sha256')).toBe('abc');
    expect(header.metadata.get('entropane.prune.dropped_blocks')).toEqual(int32ArrayValue([1, 2]));
  });

  describe('with healed tensors', () => {
    const q8 = new Uint8Array(3 * 34).fill(7);
    const healing: ModelHealing = {
      record: {
        textSha256: 'def',
        tokens: 640,
        seed: 3,
        blocks: [{ block: 2, target: 3, lambda: 0.01, errorBefore: 0.75, errorAfter: 0.5 }],
      },
      tensors: new Map([['blk.2.attn_q.weight', { typeId: 8, bytes: q8 }]]),
    };

    async function heal(path: string): Promise<Buffer> {
      await writeFile(sourcePath, tinyModelBytes({}));
      await writePrunedModel(sourcePath, path, planFor([1, 3]), { ...quiet, healing }, never);
      return readFile(path);
    }

    it('puts them in their place in their own type, and says what they were healed with', async () => {
      const bytes = await heal(outputPath);
      const header = await checkModelFile(outputPath);
      const contents = header.tensors.map(({ name, elementType, offset, sizeBytes }) => {
        const start = header.dataOffset + offset;
        return [name, elementType.name, [...new Set(bytes.subarray(start, start + sizeBytes))]];
      });
      expect(contents).toEqual([
        ['token_embd.weight', 'Q8_0', [255]],
        ['blk.0.attn_q.weight', 'Q4_0', [1]],
        ['blk.0.attn_norm.weight', 'F32', [2]],
        ['blk.1.attn_q.weight', 'Q8_0', [7]],
        ['blk.1.attn_norm.weight', 'F32', [34]],
        ['output_norm.weight', 'F32', [254]],
      ]);
      expect(metadataText(header, 'entropane.heal.text_sha256')).toBe('def');
      expect(header.metadata.get('entropane.heal.tokens')).toEqual(uint32Value(640));
      expect(header.metadata.get('entropane.heal.seed')).toEqual(uint32Value(3));
      expect(header.metadata.get('entropane.heal.blocks')).toEqual(int32ArrayValue([2]));
      expect(header.metadata.get('entropane.heal.targets')).toEqual(int32ArrayValue([3]));
      expect(header.metadata.get('entropane.heal.lambdas')).toEqual({
        type: 'array',
        elementType: 'float64',
        count: 1,
        bytes: new Uint8Array(Float64Array.of(0.01).buffer),
      });
    });

    it('writes the same file again, byte for byte', async () => {
      const first = await heal(outputPath);
      expect((await heal(join(folder, 'again.gguf'))).equals(first)).toBe(true);
    });

    it('takes no tensor of another size for a healed one', async () => {
      await writeFile(sourcePath, tinyModelBytes({}));
      const tensors = new Map([['blk.2.attn_q.weight', { typeId: 8, bytes: q8.subarray(34) }]]);
      const cut = { ...quiet, healing: { ...healing, tensors } };
      await expect(writePrunedModel(sourcePath, outputPath, planFor([1]), cut, never)).rejects.toThrow(
        'do not fill',
      );
      expect(await readdir(folder)).toEqual(['source.gguf']);
    });
  });

  it('tells how far it is, up to the whole', async () => {
    await writeFile(sourcePath, tinyModelBytes({}));
    const seen: (readonly [number, number])[] = [];
    const onProgress = (done: number, total: number) => seen.push([done, total]);
    const sizeBytes = await writePrunedModel(sourcePath, outputPath, planFor([1]), { onProgress }, never);
    expect(seen.at(-1)).toEqual([sizeBytes, sizeBytes]);
    expect(seen).toEqual(seen.toSorted((a, b) => a[0] - b[0]));
  });

  it.each<[string, Parameters<typeof tinyModelBytes>[0]]>([
    ['experts by key', { metadata: new Map([['llama.expert_count', uint32Value(8)]]) }],
    [
      'experts by tensor',
      { tensors: [...tinyTensors(4), tinyTensor('blk.3.ffn_up_exps.weight', [32], 0, 1)] },
    ],
    ['a state-space mixer', { tensors: [...tinyTensors(4), tinyTensor('blk.0.ssm_in.weight', [32], 0, 1)] }],
    ['two kinds of attention', { metadata: new Map([['llama.attention.sliding_window', uint32Value(512)]]) }],
    [
      'an architecture that counts its blocks',
      {
        metadata: new Map([
          ['general.architecture', textValue('smollm3')],
          ['smollm3.block_count', uint32Value(4)],
        ]),
      },
    ],
    ['several files', { metadata: new Map([['split.count', { type: 'uint16', value: 3 }]]) }],
    ['an encoder', { tensors: [...tinyTensors(4), tinyTensor('enc.blk.0.attn_q.weight', [32], 0, 1)] }],
    ['fewer blocks than it claims', { tensors: tinyTensors(3) }],
    ['more blocks than it claims', { tensors: tinyTensors(5) }],
  ])('refuses a model with %s and writes nothing', async (_, model) => {
    await expect(prune(model, [1])).rejects.toMatchObject({ code: 'model.unsupported' });
    expect(await readdir(folder)).toEqual(['source.gguf']);
  });

  it('prunes a model whose window and expert count are zero', async () => {
    const metadata = new Map([
      ['llama.expert_count', uint32Value(0)],
      ['llama.attention.sliding_window', uint32Value(0)],
    ]);
    await prune({ metadata }, [1]);
    expect(blockCountOf(await checkModelFile(outputPath))).toBe(3);
  });

  it('refuses a plan for another number of blocks', async () => {
    await expect(prune({}, [1], 6)).rejects.toMatchObject({ code: 'plan.invalid' });
  });

  it('leaves an existing file alone, the source itself included', async () => {
    await writeFile(outputPath, 'mine');
    await expect(prune({}, [1])).rejects.toMatchObject({ code: 'parameter.invalid' });
    expect(await readFile(outputPath, 'utf8')).toBe('mine');
    await expect(writePrunedModel(sourcePath, sourcePath, planFor([1]), quiet, never)).rejects.toMatchObject({
      code: 'parameter.invalid',
    });
  });

  it('leaves nothing behind when it is stopped half way', async () => {
    await writeFile(sourcePath, tinyModelBytes({}));
    const stop = new AbortController();
    const onProgress = (done: number, total: number) => {
      if (done > total / 2) stop.abort();
    };
    const writing = writePrunedModel(sourcePath, outputPath, planFor([1]), { onProgress }, stop.signal);
    await expect(writing).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(folder)).toEqual(['source.gguf']);
  });

  it('lets two write the same output, and both find it whole', async () => {
    await writeFile(sourcePath, tinyModelBytes({}));
    const write = () => writePrunedModel(sourcePath, outputPath, planFor([1]), quiet, never);
    await Promise.all([write(), write()]);
    expect(blockCountOf(await checkModelFile(outputPath))).toBe(3);
    expect((await readdir(folder)).sort()).toEqual(['pruned.gguf', 'source.gguf']);
  });

  it('says which of the two files is the trouble', async () => {
    const absent = writePrunedModel(join(folder, 'absent.gguf'), outputPath, planFor([1]), quiet, never);
    await expect(absent).rejects.toMatchObject({ code: 'model.missing' });
    await writeFile(sourcePath, tinyModelBytes({}));
    const nowhere = writePrunedModel(sourcePath, join(folder, 'no', 'such.gguf'), planFor([1]), quiet, never);
    await expect(nowhere).rejects.toMatchObject({ code: 'parameter.invalid' });
    await mkdir(outputPath);
    const taken = writePrunedModel(sourcePath, outputPath, planFor([1]), quiet, never);
    await expect(taken).rejects.toMatchObject({ code: 'parameter.invalid' });
  });
});
