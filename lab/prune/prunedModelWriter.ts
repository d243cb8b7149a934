import { randomUUID } from 'node:crypto';
import { access, constants, type FileHandle, open, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { encodeGgufHeader } from './encodeGgufHeader.ts';
import { alignUp, type GgufHeader } from '../../sidecar/gguf/ggufHeader.ts';
import { readGgufHeader } from '../../sidecar/gguf/readGgufHeader.ts';
import { systemErrorCode } from '../../sidecar/process/systemError.ts';
import { moveFile } from '../../sidecar/storage/moveFile.ts';
import { outputError } from './outputError.ts';
import type { ModelHealing } from './healingRecord.ts';
import type { PrunePlan } from './prunePlan.ts';
import { type KeptTensor, pruneHeader } from './prunedHeader.ts';

const chunkBytes = 4 << 20;

export interface PruneOptions {
  /** What replaces some of the kept tensors; none are when it is absent. */
  readonly healing?: ModelHealing;
  /** Bytes written so far, of all. Called after every piece written, of 4 MiB or less. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Writes `sourcePath` without the plan's blocks to `outputPath`, which must not exist. Tensors are copied in 4 MiB
 * pieces into a file beside it that is renamed when whole, so a failure or abort leaves nothing behind. Returns
 * the bytes written. Throws `model.unsupported` and `plan.invalid` as `pruneHeader` does, `disk.full`, and
 * `parameter.invalid` for an output that cannot be written.
 */
export async function writePrunedModel(
  sourcePath: string,
  outputPath: string,
  plan: PrunePlan,
  options: PruneOptions,
  signal: AbortSignal,
): Promise<number> {
  const header = await readGgufHeader(sourcePath);
  const pruned = pruneHeader(header, plan, options.healing ?? null);
  const newHeader = encodeGgufHeader({
    version: header.version,
    metadata: pruned.metadata,
    tensors: pruned.tensors.map((tensor) => ({ ...tensor, shape: tensor.source.shape })),
    alignment: header.alignment,
  });
  await requireFreeOutput(outputPath);
  // A name of its own: two writers of one output must not remove each other's file.
  const partPath = `${outputPath}.part-${randomUUID()}`;
  try {
    const totalBytes = await withFiles(sourcePath, partPath, async (source, part) => {
      const writer = new ProgressWriter(
        part,
        newHeader.byteLength + paddedBytes(pruned.tensors, header),
        options,
      );
      await writer.write(newHeader);
      for (const tensor of pruned.tensors) {
        await writeTensor(source, header, tensor, writer, signal);
        const padding = alignUp(tensor.sizeBytes, header.alignment) - tensor.sizeBytes;
        if (padding > 0) await writer.write(new Uint8Array(padding));
      }
      await part.sync();
      return writer.totalBytes;
    });
    await moveFile(partPath, outputPath);
    return totalBytes;
  } catch (thrown) {
    await rm(partPath, { force: true });
    throw asPruneError(thrown, outputPath, signal);
  }
}

/** Appends to the part file and reports progress. */
class ProgressWriter {
  readonly totalBytes: number;
  readonly #file: FileHandle;
  readonly #options: PruneOptions;
  #doneBytes = 0;

  constructor(file: FileHandle, totalBytes: number, options: PruneOptions) {
    this.totalBytes = totalBytes;
    this.#file = file;
    this.#options = options;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#file.writeFile(bytes);
    this.#doneBytes += bytes.byteLength;
    this.#options.onProgress(this.#doneBytes, this.totalBytes);
  }
}

async function writeTensor(
  source: FileHandle,
  header: GgufHeader,
  { source: tensor, newBytes }: KeptTensor,
  writer: ProgressWriter,
  signal: AbortSignal,
): Promise<void> {
  if (newBytes !== null) {
    for (let written = 0; written < newBytes.byteLength; written += chunkBytes) {
      signal.throwIfAborted();
      await writer.write(newBytes.subarray(written, written + chunkBytes));
    }
    return;
  }
  const start = header.dataOffset + tensor.offset;
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, tensor.sizeBytes));
  let copied = 0;
  while (copied < tensor.sizeBytes) {
    signal.throwIfAborted();
    const wanted = Math.min(buffer.byteLength, tensor.sizeBytes - copied);
    const { bytesRead } = await source.read(buffer, 0, wanted, start + copied);
    if (bytesRead === 0) throw sourceChanged();
    await writer.write(buffer.subarray(0, bytesRead));
    copied += bytesRead;
  }
}

async function withFiles<T>(
  sourcePath: string,
  partPath: string,
  use: (source: FileHandle, part: FileHandle) => Promise<T>,
): Promise<T> {
  const source = await open(sourcePath, 'r');
  try {
    const part = await open(partPath, 'wx');
    try {
      return await use(source, part);
    } finally {
      await part.close();
    }
  } finally {
    await source.close();
  }
}

function paddedBytes(tensors: readonly KeptTensor[], { alignment }: GgufHeader): number {
  return tensors.reduce((sum, { sizeBytes }) => sum + alignUp(sizeBytes, alignment), 0);
}

/** Throws `parameter.invalid` where something is at the path already, or its folder cannot be written. */
export async function requireFreeOutput(outputPath: string): Promise<void> {
  const found = await stat(outputPath).catch((thrown: unknown) => {
    if (systemErrorCode(thrown) === 'ENOENT') return null;
    throw outputError(thrown, outputPath);
  });
  if (found === null) {
    await access(dirname(outputPath), constants.W_OK).catch((thrown: unknown) => {
      throw outputError(thrown, outputPath);
    });
    return;
  }
  throw new CodedError(
    'parameter.invalid',
    `${outputPath} exists already and is left as it is.`,
    'Give another output file, or remove that one first.',
  );
}

function asPruneError(thrown: unknown, outputPath: string, signal: AbortSignal): unknown {
  if (signal.aborted && !(thrown instanceof CodedError)) {
    return new CodedError(
      'cancelled',
      `${basename(outputPath)} was not written, because it was stopped.`,
      'Start again to write it.',
      { cause: thrown },
    );
  }
  return outputError(thrown, outputPath);
}

function sourceChanged(): CodedError {
  return new CodedError(
    'model.unreadable',
    'The model file became shorter while it was read.',
    'Wait until nothing changes the file, then try again.',
  );
}
