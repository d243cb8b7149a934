import { basename } from 'node:path';
import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import { architectureOf, metadataText, type GgufHeader, type GgufTensor } from './ggufHeader.ts';
import { readGgufHeader } from './readGgufHeader.ts';

/** The halves of a low-rank change to one matrix. */
const halves = ['.lora_a', '.lora_b'] as const;

/**
 * Reads the header of a LoRA adapter and refuses what does not change this model, before llama.cpp sees the file:
 * another architecture, a matrix that the model lacks or that has other measures. Throws `adapter.unreadable` for a file
 * that is not there, damaged, cut off or no LoRA adapter, and `adapter.incompatible` for one of another model.
 */
export async function checkAdapterFile(path: string, model: GgufHeader): Promise<GgufHeader> {
  const header = await readHeader(path);
  const kind = metadataText(header, 'general.type');
  const form = metadataText(header, 'adapter.type');
  if (kind !== 'adapter' || form !== 'lora') throw unreadable(path, 'is not a LoRA adapter');
  const difference = differenceFrom(header, model);
  if (difference === null) return header;
  throw new CodedError(
    'adapter.incompatible',
    `${basename(path)} was made for another model than the one it is to change: ${difference}.`,
    'Choose an adapter of this very model, or none.',
  );
}

/** Bytes of its matrices. */
export function adapterBytes(header: GgufHeader): number {
  return header.tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Why an adapter does not fit a model, as the end of a sentence; null where it does. Pure. */
function differenceFrom(adapter: GgufHeader, model: GgufHeader): string | null {
  const [ours, theirs] = [architectureOf(adapter), architectureOf(model)];
  if (ours !== theirs)
    return `its architecture is ${ours ?? 'not named'}, the model's ${theirs ?? 'not named'}`;
  const matrices = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  const parts = new Map(adapter.tensors.map((tensor) => [tensor.name, tensor]));
  // llama.cpp leaves vectors of norms out.
  const changed = adapter.tensors.filter(({ name }) => !name.endsWith('_norm.weight'));
  if (changed.length === 0) return 'it changes nothing';
  for (const { name } of changed) {
    const base = baseOf(name);
    if (base === null) return `it holds ${name}, which is not half of a change`;
    const matrix = matrices.get(base);
    if (matrix === undefined) return `the model has no ${base}`;
    const [a, b] = halves.map((half) => parts.get(base + half));
    if (a === undefined || b === undefined) return `its change to ${base} lacks a half`;
    if (!fits(matrix, { a, b })) return `its change to ${base} has other measures`;
  }
  return null;
}

function baseOf(name: string): string | null {
  const half = halves.find((end) => name.endsWith(end));
  return half === undefined ? null : name.slice(0, name.length - half.length);
}

/** The embeddings' halves lie the other way round than those of all other matrices. */
function fits(
  { name, shape: [columns, rows] }: GgufTensor,
  { a, b }: { readonly a: GgufTensor; readonly b: GgufTensor },
): boolean {
  if (name === 'token_embd.weight') return columns === b.shape[1] && rows === a.shape[1];
  return columns === a.shape[0] && rows === b.shape[1] && (a.shape[1] ?? 1) === b.shape[0];
}

async function readHeader(path: string): Promise<GgufHeader> {
  try {
    return await readGgufHeader(path);
  } catch (thrown) {
    const { code, message } = toCodedError(thrown);
    throw unreadable(path, code === 'model.missing' ? 'is not there' : `cannot be read: ${message}`, thrown);
  }
}

function unreadable(path: string, what: string, cause?: unknown): CodedError {
  return new CodedError(
    'adapter.unreadable',
    `The adapter ${path} ${what.replace(/\.$/, '')}, so the model was not loaded with it.`,
    'Give the path of a LoRA adapter as a GGUF file, or none.',
    { cause },
  );
}
