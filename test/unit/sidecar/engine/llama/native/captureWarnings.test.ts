import { expect, it } from 'vitest';
import type { LlamaLibrary } from '../../../../../../sidecar/engine/llama/native/llamaBindings.ts';
import { captureWarnings } from '../../../../../../sidecar/engine/llama/native/nativeRuntime.ts';

it('gives the log back to the call around it, and to the native default at last', () => {
  const set: Parameters<LlamaLibrary['setLog']>[0][] = [];
  const library: Pick<LlamaLibrary, 'setLog'> = { setLog: (callback) => set.push(callback) };
  captureWarnings(library, () => captureWarnings(library, () => 'inner'));
  const [outer, inner] = set;
  expect(outer).not.toBeNull();
  expect(inner).not.toBe(outer);
  expect(set).toEqual([outer, inner, outer, null]);
});

it('gives the log back when the call throws', () => {
  const set: unknown[] = [];
  const library: Pick<LlamaLibrary, 'setLog'> = { setLog: (callback) => set.push(callback) };
  const fail = (): never => {
    throw new Error('refused');
  };
  expect(() => captureWarnings(library, fail)).toThrow('refused');
  expect(set.at(-1)).toBeNull();
});
