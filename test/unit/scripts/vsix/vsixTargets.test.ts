import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import pins from '../../../../scripts/setup/llamaLibrary.json' with { type: 'json' };
import { chooseFlavour } from '../../../../scripts/setup/llamaFlavour.mjs';
import { chosenTargets, vsixTargets } from '../../../../scripts/vsix/vsixTargets.mjs';
import { isRecord } from '../../../../protocol/isRecord.ts';
import { flavoursFor } from '../../../../sidecar/engine/llama/native/libraryFiles.ts';
import { checkout, manifest } from '../../../support/machine/manifest.ts';

/** By path in the checkout. */
const locked = lockedPackages();

describe('the targets of packaging', () => {
  it.each([
    [[], []],
    [['--target', 'win32-x64'], ['win32-x64']],
    [['--target=darwin-arm64', '--target', 'darwin-arm64'], ['darwin-arm64']],
    [['--target', 'all'], vsixTargets.map(({ name }) => name)],
  ])('of %j are %j', (args, names) => {
    expect(chosenTargets(args).map(({ name }) => name)).toEqual(names);
  });

  it.each([[['--target', 'plan9-x64']], [['--target']], [['all']]])('%j is refused', (args) => {
    expect(() => chosenTargets(args)).toThrow(/VSIX|option/u);
  });

  it.each(vsixTargets)('$name has every native package, by name and hash', ({ platform, arch }) => {
    const machine = { hasGlibc: true, requestedGpu: 'auto', hasNvidiaDriver: false, hasCudaRuntime: false };
    const choice = chooseFlavour({ platform, arch, ...machine });
    const flavour = choice.type === 'chosen' ? choice.flavour : '';
    expect(Object.keys(pins.packages)).toContain(flavour);
    expect(flavoursFor(platform, arch)).toContain(flavour);
    expect(locked[`node_modules/@koromix/koffi-${platform}-${arch}`]).toMatchObject({
      version: manifest.dependencies['koffi'],
      integrity: expect.stringMatching(/^sha512-/u) as string,
    });
  });
});

function lockedPackages(): Readonly<Record<string, unknown>> {
  const lock: unknown = JSON.parse(readFileSync(path.join(checkout, 'package-lock.json'), 'utf8'));
  return isRecord(lock) && isRecord(lock.packages) ? lock.packages : {};
}
