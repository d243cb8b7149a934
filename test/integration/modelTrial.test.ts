import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { trialFlag } from '../../sidecar/engine/llama/trial/trialProtocol.ts';
import { architectureOf } from '../../sidecar/gguf/ggufHeader.ts';
import { readGgufHeader } from '../../sidecar/gguf/readGgufHeader.ts';
import { corruptions, writeCorrupted, type Corruption } from '../support/modelFiles/corruptedModel.ts';
import { generated, promptedSequence, requestWith } from '../support/engine/generating.ts';
import { loraFile } from '../support/modelFiles/loraFile.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

const run = promisify(execFile);
const dist = path.resolve(import.meta.dirname, '../../dist');
const settings = { contextTokens: 512, threads: 2, speculation: 'off' } as const;
const names = Object.keys(corruptions) as Corruption[];

/** Trial loads that a sidecar says it has started. */
function trialCount(sidecar: SidecarProcess): number {
  return sidecar.stderr.split('[entropane] trial load of').length - 1;
}

async function corrupted(folder: string, corruption: Corruption): Promise<string> {
  const file = path.join(folder, 'corrupted.gguf');
  await writeCorrupted(await installedModelPath('smollm2-135m'), file, corruption);
  return file;
}

it('a model file that does not fit is refused before it is tried', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'unknown.gguf');
  await copyFile(await installedModelPath('smollm2-135m'), file);
  await using sidecar = new SidecarProcess({
    settings: { ...settings, model: file, memoryBytesLimit: 64 * 2 ** 20 },
  });
  await sidecar.initialize();
  await sidecar.whenHealth('failed');
  expect(sidecar.healths.at(-1)).toMatchObject({ error: { code: 'memory.insufficient' } });
  expect(trialCount(sidecar)).toBe(0);
});

describe('a model file that would end the process', () => {
  it.each(names)('is kept out of a sidecar that goes on: %s', async (name) => {
    await using folder = await temporaryFolder();
    const file = await corrupted(folder.path, name);
    await using sidecar = new SidecarProcess({ settings: { ...settings, model: file } });
    await sidecar.initialize();
    await sidecar.whenHealth('failed');
    expect(sidecar.healths.at(-1)).toMatchObject({ error: { code: 'model.quarantined' } });
    expect(trialCount(sidecar)).toBe(1);

    // Refused at once from now on, and another model serves.
    const choose = (model: string) => sidecar.request('entropane/models/choose', { model });
    await expect(choose(file)).rejects.toMatchObject({ data: { code: 'model.quarantined' } });
    expect(trialCount(sidecar)).toBe(1);
    await choose('smollm2-135m');
    const asked = sidecar.ask({ question: 'Say hello.', strategy: 'direct', budget: { generatedTokens: 8 } });
    expect(await asked.result).toMatchObject({ model: 'smollm2-135m' });
    expect(sidecar.child.exitCode).toBeNull();
  });

  it('is named by the doctor, and tried again once it is released', async () => {
    await using folder = await temporaryFolder();
    const file = await corrupted(folder.path, 'two tokens of one text');
    await using sidecar = new SidecarProcess({ settings: { ...settings, model: file } });
    await sidecar.initialize();
    await sidecar.whenHealth('failed');
    const { findings } = await sidecar.request('entropane/doctor', null);
    const found = findings.find(({ subject }) => subject === 'Model');
    expect(found?.status).toBe('missing');
    expect(found?.detail).toContain('GGML_ASSERT');

    const choose = () => sidecar.request('entropane/models/choose', { model: file });
    await run(process.execPath, [path.join(dist, 'cli.cjs'), 'models', 'release', file]);
    await expect(choose()).rejects.toMatchObject({ data: { code: 'model.quarantined' } });
    await sidecar.until(() => trialCount(sidecar) === 2, 'the second trial');
    await expect(choose()).rejects.toMatchObject({ data: { code: 'model.quarantined' } });
    expect(trialCount(sidecar)).toBe(2);
  });

  it('drafts for no model, which is loaded without it', async () => {
    await using folder = await temporaryFolder();
    const file = await corrupted(folder.path, 'more experts than llama.cpp has room for');
    const engine = createRealEngine();
    try {
      const model = await loadForTest(engine, await installedModelPath('smollm2-135m'), {
        contextTokens: 512,
        speculation: 'on',
        drafts: [{ source: 'draftModel', path: file }],
      });
      expect(requireLocal(model.info).drafts).toMatchObject([
        { path: file, error: { code: 'model.quarantined' } },
      ]);
      const sequence = await promptedSequence(model, 'Hello');
      expect((await generated(sequence, requestWith({ maxTokens: 3 }))).ids).toHaveLength(3);
    } finally {
      await engine.dispose();
    }
  });
});

describe('a model file of the user', () => {
  it('is tried once, and again with an adapter', async () => {
    await using folder = await temporaryFolder();
    const source = await installedModelPath('smollm2-135m');
    const file = path.join(folder.path, 'own.gguf');
    await run('cp', [source, file]);
    const header = await readGgufHeader(file);
    const adapter = path.join(folder.path, 'adapter.gguf');
    const architecture = architectureOf(header) ?? '';
    await writeFile(adapter, loraFile(header, { architecture, names: ['blk.0.attn_q.weight'] }));
    await using sidecar = await SidecarProcess.ready({ settings: { ...settings, model: file } });
    expect(trialCount(sidecar)).toBe(1);
    await using second = await SidecarProcess.ready({ settings: { ...settings, model: file, adapter } });
    expect(second.stderr).toContain(`trial load of ${adapter}`);
    expect(trialCount(second)).toBe(1);
    await using third = await SidecarProcess.ready({ settings: { ...settings, model: file, adapter } });
    expect(trialCount(third)).toBe(0);
  });
});

describe('the process of a trial', () => {
  it('ends with its parent, in the middle of a native call that never returns', async () => {
    await using folder = await temporaryFolder();
    const pipe = path.join(folder.path, 'pipe.gguf');
    // Opening it for reading waits for a writer that never comes.
    await run('mkfifo', [pipe]);
    const request = JSON.stringify({ path: pipe, adapterPath: null });
    const child = spawn(process.execPath, [path.join(dist, 'engineThread.cjs'), trialFlag, request], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    expect(child.exitCode).toBeNull();
    child.stdin.end();
    expect(await ended).toEqual([null, 'SIGKILL']);
  });
});
