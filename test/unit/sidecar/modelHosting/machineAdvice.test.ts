import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identifyModel } from '../../../../sidecar/engine/llama/loading/modelIdentity.ts';
import { llamaVersion } from '../../../../sidecar/engine/llama/native/libraryLocation.ts';
import { SpeedFile } from '../../../../sidecar/engine/speeds/speedFile.ts';
import { readGgufHeader } from '../../../../sidecar/gguf/readGgufHeader.ts';
import { adviseMachine } from '../../../../sidecar/modelHosting/machineAdvice.ts';
import { machineName } from '../../../../sidecar/process/machineName.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { textValue, tinyModelBytes } from '../../../support/modelFiles/tinyModel.ts';

const pace = { prefillTokensPerSecond: 250, decodeTokensPerSecond: 50 };

let folder: TemporaryFolder;
let file: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  file = path.join(folder.path, 'own.gguf');
  await writeFile(file, tinyModelBytes({}));
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Keeps speeds as a load of a file with this hash does. */
function keepSpeeds(modelHash: string): void {
  new SpeedFile(file, {
    modelHash,
    requestedThreads: 0,
    machine: machineName(),
    backend: 'CPU',
    release: llamaVersion,
  }).keep({ sequences: [{ tokens: 1, durationMs: 20 }], prefillMsPerToken: 4 });
}

async function judged(sha256: string | null) {
  const about = { description: '', license: null, sizeBytes: 1, verified: false };
  const advice = await adviseMachine([{ name: 'own.gguf', path: file, sha256, ...about }]);
  return advice.judged[0];
}

describe('the pace of a model file', () => {
  it('is measured where the speeds are those of the file that was hashed', async () => {
    keepSpeeds('f0ed');
    expect(await judged('f0ed')).toMatchObject({ isMeasured: true, pace });
    expect(await judged('beef')).toMatchObject({ isMeasured: false, pace: null });
    expect(await judged(null)).toMatchObject({ isMeasured: false, pace: null });
  });

  it('is not measured any more once another file is in its place', async () => {
    keepSpeeds((await identifyModel(file, await readGgufHeader(file))).hash);
    expect(await judged(null)).toMatchObject({ isMeasured: true, pace });
    const other = path.join(folder.path, 'other.gguf');
    await writeFile(other, tinyModelBytes({ metadata: new Map([['general.name', textValue('Another')]]) }));
    await rename(other, file);
    expect(await judged(null)).toMatchObject({ isMeasured: false, pace: null });
  });
});
