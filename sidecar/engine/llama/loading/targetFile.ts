import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelIdentity } from '../../../../protocol/traceEvent.ts';
import { checkModelFile } from '../../../gguf/checkModelFile.ts';
import type { GgufHeader } from '../../../gguf/ggufHeader.ts';
import type { LoadOptions } from '../../engine.ts';
import { PrefixFiles } from '../cache/prefixFiles.ts';
import { batchTokens, outputRows } from '../decoding/batchPlanner.ts';
import { type CheckedDraft, checkDrafts, fitBesideDrafts } from '../drafting/draftLoads.ts';
import { llamaVersion } from '../native/libraryLocation.ts';
import type { HostDependencies } from './hostDependencies.ts';
import { usableBytes } from './layerPlacement.ts';
import { type LoadPlan, planLoad } from './loadPlan.ts';
import { type CheckedAdapter, checkAdapter } from './loraAdapter.ts';
import { roomFor } from './memoryRoom.ts';
import { identifyModel } from './modelIdentity.ts';
import type { OpenTask } from './openWeights.ts';

export interface LoadTask extends OpenTask {
  readonly options: LoadOptions;
}

/** A model file, and what is loaded with it, whose headers were read. Nothing of it is in llama.cpp yet. */
export interface TargetFile {
  readonly header: GgufHeader;
  /** Null where none was asked for. */
  readonly adapter: CheckedAdapter | null;
  /** With the adapter's, where there is one. */
  readonly identity: ModelIdentity;
  readonly drafts: readonly CheckedDraft[];
  /** The kernel of token statistics, as WebAssembly. */
  readonly wasm: Buffer;
}

/** Throws what `checkModelFile` and `checkAdapter` throw. A draft that does not fit is refused by itself. */
export async function checkTarget(
  { runtime, bundleFolder }: HostDependencies,
  { path, options }: LoadTask,
): Promise<TargetFile> {
  const header = await checkModelFile(path);
  const adapter = options.adapter === undefined ? null : await checkAdapter(options.adapter, header);
  const identity = {
    ...(options.identity ?? (await identifyModel(path, header))),
    ...(adapter !== null && { adapter: adapter.identity }),
  };
  const wasm = await readFile(join(bundleFolder, 'statistics.wasm'));
  const target = { path, header, extraBuffers: runtime.extraBuffers };
  const drafts = options.speculation === 'off' ? [] : await checkDrafts(options.drafts ?? [], target);
  return { header, adapter, identity, drafts, wasm };
}

/** How the model is loaded into the memory that is free now, and which drafts fit beside it. Throws as `planLoad` does. */
export function planTarget(
  { runtime, loaded }: HostDependencies,
  options: LoadOptions,
  { header, adapter, drafts }: TargetFile,
): { readonly plan: LoadPlan; readonly drafts: readonly CheckedDraft[] } {
  const request = {
    contextTokens: options.contextTokens,
    cacheType: options.cacheType ?? 'auto',
    batchTokens,
    outputRows,
    prefixBytes: options.prefixBytes ?? 0,
  };
  const taken = { loaded: loaded(), elsewhere: options.elsewhere ?? [] };
  const room = roomFor(runtime, taken, options.memoryBytesLimit ?? 0);
  const adapterBytes = adapter?.sizeBytes ?? 0;
  return fitBesideDrafts(
    (draftBytes) => planLoad(header, { ...request, besideBytes: draftBytes + adapterBytes }, room),
    drafts,
    room.device === null ? room.hostBytes : usableBytes(room.device),
  );
}

/** Cells of this model on disk; null where none are kept, or where their folder cannot be used. */
export async function openPrefixFiles(
  date: () => Date,
  { prefixFiles }: LoadOptions,
  { adapter, identity, cacheType }: Pick<TargetFile, 'adapter' | 'identity'> & Pick<LoadPlan, 'cacheType'>,
): Promise<PrefixFiles | null> {
  if (prefixFiles === undefined) return null;
  const key = JSON.stringify({
    llamaVersion,
    model: identity.hash,
    // Cells that were computed with an adapter are of no use without it.
    ...(adapter !== null && { adapter: adapter.identity }),
    cacheType,
    processor: process.arch,
  });
  return PrefixFiles.openIfPossible({ ...prefixFiles, key, date }, (line) => {
    process.stderr.write(`[entropane] ${line}\n`);
  });
}
