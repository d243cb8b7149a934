import { open, writeFile } from 'node:fs/promises';
import { encodeGgufHeader } from '../../../lab/prune/encodeGgufHeader.ts';
import type { GgufHeader, GgufValue } from '../../../sidecar/gguf/ggufHeader.ts';
import { readGgufHeader } from '../../../sidecar/gguf/readGgufHeader.ts';
import { textValue, uint32Value } from './tinyModel.ts';

/** Changes to the metadata of a model file that pass every check of the header and end the process that loads it. */
export const corruptions = {
  'more experts than llama.cpp has room for': () => [['llama.expert_count', uint32Value(100_000)]],
  'two tokens of one text': (header) => [['tokenizer.ggml.tokens', withTwins(header)]],
  'another kind of tokenizer': () => [['tokenizer.ggml.model', textValue('llama')]],
} as const satisfies Readonly<
  Record<string, (header: GgufHeader) => readonly (readonly [string, GgufValue])[]>
>;

export type Corruption = keyof typeof corruptions;

/** Writes a model file with other metadata and the same weights. */
export async function writeCorrupted(source: string, target: string, corruption: Corruption): Promise<void> {
  const header = await readGgufHeader(source);
  const metadata = new Map([...header.metadata, ...corruptions[corruption](header)]);
  await writeFile(target, encodeGgufHeader({ ...header, metadata }));
  const [from, to] = await Promise.all([open(source, 'r'), open(target, 'a')]);
  try {
    for await (const piece of from.createReadStream({ start: header.dataOffset, autoClose: false })) {
      await to.writeFile(piece as Buffer);
    }
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
}

/** The token texts, the second to last one as a copy of the last. */
function withTwins(header: GgufHeader): GgufValue {
  const tokens = header.metadata.get('tokenizer.ggml.tokens');
  if (tokens?.type !== 'array') throw new Error('the model has no tokens');
  const view = new DataView(tokens.bytes.buffer, tokens.bytes.byteOffset, tokens.bytes.byteLength);
  const starts: number[] = [];
  for (let at = 0; at < tokens.bytes.byteLength; at += 8 + Number(view.getBigUint64(at, true)))
    starts.push(at);
  const [secondToLast = 0, last = 0] = starts.slice(-2);
  const bytes = Buffer.concat([
    tokens.bytes.subarray(0, secondToLast),
    tokens.bytes.subarray(last),
    tokens.bytes.subarray(last),
  ]);
  return { ...tokens, bytes };
}
