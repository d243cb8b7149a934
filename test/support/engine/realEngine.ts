import { fileSource } from '../../../sidecar/engine/engineSource.ts';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { commandLineTrials } from '../../../sidecar/cli/commandLineTrials.ts';
import type { Engine, LoadOptions, Model } from '../../../sidecar/engine/engine.ts';
import { createLlamaEngine } from '../../../sidecar/engine/llama/llamaEngine.ts';
import { openMachineStore } from '../../../sidecar/models/machineStore.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';

/** The product's engine on the built bundles. Disposed by its test. */
export function createRealEngine(): Engine {
  const bundleFolder = join(import.meta.dirname, '../../../dist');
  return createLlamaEngine({ bundleFolder, trials: commandLineTrials(bundleFolder) });
}

type CatalogueName = 'smollm2-135m' | 'qwen2.5-coder-0.5b';

/** Path of a catalogue model in this machine's store, where `npm test` put it. */
export async function installedModelPath(name: CatalogueName): Promise<string> {
  const store = openMachineStore({ storePath: '', environment: process.env, clock: systemClock });
  return (await store.resolve(name)).path;
}

/** Path of a catalogue model that tests do without where it is not installed; null there. */
export async function findModelPath(name: 'qwen2.5-coder-1.5b'): Promise<string | null> {
  const store = openMachineStore({ storePath: '', environment: process.env, clock: systemClock });
  return (await store.list()).find((model) => model.name === name)?.path ?? null;
}

/** A model for all tests of a file, on an engine of its own that is disposed behind them. Called once, as it loads. */
export async function openModel(
  name: CatalogueName,
  options: Partial<LoadOptions> = {},
): Promise<{ readonly engine: Engine; readonly model: Model }> {
  const engine = createRealEngine();
  afterAll(() => engine.dispose());
  return { engine, model: await loadForTest(engine, await installedModelPath(name), options) };
}

/** Loads with a context and threads that suit tests on two cores. */
export async function loadForTest(
  engine: Engine,
  path: string,
  options: Partial<LoadOptions> = {},
): Promise<Model> {
  const defaults: LoadOptions = {
    contextTokens: 2048,
    maxSequences: 8,
    threads: 2,
    speculation: 'off',
  };
  return engine.open(fileSource(path), { ...defaults, ...options }, new AbortController().signal);
}
