import { basename } from 'node:path';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { AdapterIdentity } from '../../../../protocol/traceEvent.ts';
import { adapterBytes, checkAdapterFile } from '../../../gguf/checkAdapterFile.ts';
import type { GgufHeader } from '../../../gguf/ggufHeader.ts';
import type { AdapterRequest } from '../../engine.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { identifyModel } from './modelIdentity.ts';
import { captureWarnings, type NativeRuntime } from '../native/nativeRuntime.ts';

/** An adapter whose header fits the model that it is to change. */
export interface CheckedAdapter extends AdapterRequest {
  readonly identity: AdapterIdentity;
  readonly sizeBytes: number;
}

/** Throws `adapter.unreadable` and `adapter.incompatible`. */
export async function checkAdapter(
  { path, scale }: AdapterRequest,
  model: GgufHeader,
): Promise<CheckedAdapter> {
  const header = await checkAdapterFile(path, model);
  const { name, hash } = await identifyModel(path, header);
  return { path, scale, identity: { name, hash, scale }, sizeBytes: adapterBytes(header) };
}

/**
 * Changes what a context computes by `scale` times the adapter, before anything was decoded in it: cells that were
 * computed otherwise would no longer be right. The adapter is freed with its model. Throws `adapter.unreadable`.
 */
export function applyAdapter(
  { library }: NativeRuntime,
  { model, context }: { readonly model: Pointer; readonly context: Pointer },
  { path, scale }: AdapterRequest,
): void {
  const { value: adapter, warnings } = captureWarnings(library, () => library.loadAdapter(model, path));
  if (adapter !== null && library.setAdapter(context, adapter, scale)) return;
  throw new CodedError(
    'adapter.unreadable',
    `llama.cpp cannot use the adapter ${basename(path)}: ${warnings[0] ?? 'it gave no reason'}.`,
    'Choose another adapter, or none.',
  );
}
