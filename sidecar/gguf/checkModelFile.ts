import { basename } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { architectureOf, metadataText, type GgufHeader } from './ggufHeader.ts';
import { measuresOf } from './modelMeasures.ts';
import { readGgufHeader } from './readGgufHeader.ts';

/**
 * Reads the header and refuses what llama.cpp could not generate text from, before any of its code sees the file.
 * Throws `model.missing` and `model.unreadable` as `readGgufHeader` and `measuresOf` do, and `model.unsupported` for a whole GGUF
 * file that is not a language model: a vocabulary, an adapter, a vision projector.
 */
export async function checkModelFile(path: string): Promise<GgufHeader> {
  const header = await readGgufHeader(path);
  const kind = metadataText(header, 'general.type');
  if (kind !== null && kind !== 'model') throw unsupported(path, `is of kind "${kind}"`);
  if (architectureOf(header) === null) throw unsupported(path, 'names no model architecture');
  if (measuresOf(header, basename(path)).blocks < 1) throw unsupported(path, 'names no transformer blocks');
  if (header.tensors.length === 0) throw unsupported(path, 'holds no weights');
  if (!header.metadata.has('tokenizer.ggml.model')) throw unsupported(path, 'holds no vocabulary');
  return header;
}

function unsupported(path: string, what: string): CodedError {
  return new CodedError(
    'model.unsupported',
    `${basename(path)} ${what}, so it is not a language model that can be run by itself.`,
    'Choose the GGUF file of a text model.',
  );
}
