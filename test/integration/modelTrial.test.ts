import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { corruptions, writeCorrupted, type Corruption } from '../support/corruptedModel.ts';
import { installedModelPath } from '../support/realEngine.ts';
import { SidecarProcess } from '../support/sidecarProcess.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

const settings = { contextTokens: 512, threads: 2, speculation: 'off' } as const;
const names = Object.keys(corruptions) as Corruption[];

/** Trial loads that a sidecar says it has started. */
function trialCount(sidecar: SidecarProcess): number {
  return sidecar.stderr.split('[entropane] trial load of').length - 1;
}

describe('a model file that would end the process', () => {
  it.each(names)('is kept out of a sidecar that goes on: %s', async (name) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'corrupted.gguf');
    await writeCorrupted(await installedModelPath('smollm2-135m'), file, name);
    await using sidecar = new SidecarProcess({ settings: { ...settings, model: file } });
    await sidecar.initialize();
    await sidecar.whenHealth('failed');
    expect(sidecar.healths.at(-1)).toMatchObject({ error: { code: 'model.quarantined' } });
    expect(trialCount(sidecar)).toBe(1);

    // Refused at once from now on, and another model serves.
    await expect(sidecar.request('entropane/models/choose', { model: file })).rejects.toMatchObject({
      data: { code: 'model.quarantined' },
    });
    expect(trialCount(sidecar)).toBe(1);
    await sidecar.request('entropane/models/choose', { model: 'smollm2-135m' });
    const asked = sidecar.ask({ question: 'Say hello.', strategy: 'direct', budget: { generatedTokens: 8 } });
    expect(await asked.result).toMatchObject({ model: 'smollm2-135m' });
    expect(sidecar.child.exitCode).toBeNull();
  });
});
