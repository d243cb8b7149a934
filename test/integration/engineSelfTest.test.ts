import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheTypes } from '../../sidecar/engine/llama/loading/cacheType.ts';
import {
  checkContext,
  type SelfTestDependencies,
} from '../../sidecar/engine/llama/loading/contextSelfTest.ts';
import { openContext } from '../../sidecar/engine/llama/loading/openContext.ts';
import type { NativeBatch, Pointer } from '../../sidecar/engine/llama/native/llamaStructs.ts';
import {
  captureWarnings,
  type NativeRuntime,
  openNativeRuntime,
} from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import { LogitsKernel } from '../../sidecar/numeric/logitsKernel.ts';
import { installedModelPath } from '../support/engine/realEngine.ts';

const dist = join(import.meta.dirname, '../../dist');

let runtime: NativeRuntime;
let weights: Pointer;
let parts: SelfTestDependencies;
let free: () => void;
beforeAll(async () => {
  runtime = openNativeRuntime(dist);
  const { library, cLibrary } = runtime;
  const path = await installedModelPath('smollm2-135m');
  const { value: model } = captureWarnings(library, () =>
    library.loadModel(path, library.modelDefaultParams()),
  );
  weights = model;
  const threads = { n_threads: 2, n_threads_batch: 2 };
  const params = { ...library.contextDefaultParams(), ...threads, n_ctx: 512, kv_unified: true };
  const { value: context } = captureWarnings(library, () => library.initContext(model, params));
  const wasm = new Uint8Array(await readFile(join(dist, 'statistics.wasm')));
  const kernel = new LogitsKernel(wasm, library.vocabularySize(library.modelVocabulary(model)));
  parts = { library, cLibrary, context, kernel };
  free = () => {
    library.freeContext(context);
    library.freeModel(model);
  };
});
afterAll(() => {
  free();
});

/** The next element of an array of 32-bit numbers. */
const next = (address: Pointer): Pointer => (address ?? 0n) + 4n;

describe('the layout self-test', () => {
  it('passes with the bindings as they are, again and again', () => {
    checkContext(parts);
    checkContext(parts);
  });

  it.each(cacheTypes)('passes with keys and values kept as %s', (cacheType) => {
    const size = { contextTokens: 512, batchTokens: 64, outputRows: 8, cacheType };
    const context = openContext(runtime, weights, size);
    try {
      checkContext({ ...parts, context });
    } finally {
      runtime.library.freeContext(context);
    }
  });

  it.each<[string, (batch: NativeBatch) => NativeBatch]>([
    ['token ids are read where positions lie', (batch) => ({ ...batch, token: batch.pos, pos: batch.token })],
    ['token ids are read one field further', (batch) => ({ ...batch, token: next(batch.token) })],
    ['sequence ids are not read', (batch) => ({ ...batch, seq_id: null, n_seq_id: null })],
    ['the wish for logits is read where positions lie', (batch) => ({ ...batch, logits: batch.pos })],
  ])('refuses a library in which %s', (_what, shifted) => {
    const { library } = parts;
    const shiftedLibrary = {
      ...library,
      decode: (context: Pointer, batch: NativeBatch) => library.decode(context, shifted(batch)),
    };
    try {
      expect(() => {
        checkContext({ ...parts, library: shiftedLibrary });
      }).toThrow(expect.objectContaining({ code: 'library.incompatible' }));
    } finally {
      library.clearMemory(library.memory(parts.context));
    }
  });
});
