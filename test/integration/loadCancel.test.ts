import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MachineLoad, systemProcessorTimes } from '../../sidecar/engine/llama/decoding/machineLoad.ts';
import { ControlBlock } from '../../sidecar/engine/llama/connection/controlBlock.ts';
import { loadModelHost } from '../../sidecar/engine/llama/modelHost.ts';
import { openNativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import { installedModelPath } from '../support/engine/realEngine.ts';

const bundleFolder = join(import.meta.dirname, '../../dist');
const ignored = (): void => undefined;

it('a load that is cancelled among the weights ends there and leaves nothing in memory', async () => {
  const path = await realpath(await installedModelPath('smollm2-135m'));
  let questions = 0;
  const loading = loadModelHost(
    {
      runtime: openNativeRuntime(bundleFolder),
      bundleFolder,
      control: new ControlBlock(),
      events: { prefilled: ignored, stepped: ignored, ended: ignored, failed: ignored },
      now: () => performance.now(),
      date: () => new Date(),
      load: new MachineLoad(systemProcessorTimes, () => performance.now()),
      loaded: () => [],
    },
    {
      path,
      options: { contextTokens: 512, maxSequences: 1, threads: 2, speculation: 'off' },
      // The first is asked before the weights, those that follow by llama.cpp among them.
      isCancelled: () => {
        questions += 1;
        return questions > 3;
      },
    },
  );
  await expect(loading).rejects.toMatchObject({ code: 'cancelled' });
  // llama.cpp was told at the fourth, and the loader asked once more to tell why there is no model.
  expect(questions).toBe(5);
  const maps = await readFile('/proc/self/maps', 'utf8').catch(() => '');
  expect(maps).not.toContain(path);
});
