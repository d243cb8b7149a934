import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import pins from '../../../../scripts/setup/llamaLibrary.json' with { type: 'json' };
import { readPins, recordPin } from '../../../../scripts/setup/llamaPins.mjs';
import { vsixTargets } from '../../../../scripts/vsix/vsixTargets.mjs';
import { flavoursFor } from '../../../../sidecar/engine/llama/native/libraryFiles.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

test('there is a row for every build of every platform, and its hash is one or open', () => {
  const flavours = vsixTargets.flatMap(({ platform, arch }) => flavoursFor(platform, arch));
  expect(Object.keys(pins.integrity).sort()).toEqual([...flavours].sort());
  const pinned = Object.entries(pins.integrity).filter(([, hash]) => hash !== null);
  for (const [flavour, hash] of pinned) expect(hash, flavour).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/u);
  expect(pinned.map(([flavour]) => flavour)).toEqual(expect.arrayContaining(['linux-x64', 'linux-arm64']));
});

test('an open hash is recorded once, and no other row changes', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'pins.json');
  const before = {
    scope: '@a',
    version: '1.2.3',
    integrity: { 'linux-x64': 'sha512-known', 'mac-x64': null },
  };
  await writeFile(file, JSON.stringify(before));
  await recordPin('mac-x64', 'sha512-found', file);
  expect(await readPins(file)).toEqual({
    ...before,
    integrity: { ...before.integrity, 'mac-x64': 'sha512-found' },
  });
  await expect(recordPin('mac-x64', 'sha512-other', file)).rejects.toThrow('not open');
  await expect(recordPin('plan9', 'sha512-other', file)).rejects.toThrow('not open');
});
