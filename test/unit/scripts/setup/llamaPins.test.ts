import { expect, test } from 'vitest';
import { pinOf, readPins } from '../../../../scripts/setup/llamaPins.mjs';
import { vsixTargets } from '../../../../scripts/vsix/vsixTargets.mjs';
import { flavoursFor, llamaReleaseFor } from '../../../../sidecar/engine/llama/native/libraryFiles.ts';

/** The llama.cpp release that a release of node-llama-cpp bundles, as its `binariesGithubRelease.json` says. */
const bundledReleases: Readonly<Record<string, string>> = { '3.21.1': '0.4.0', '3.22.1': '0.5.0' };

test('every build of every platform is pinned by its hash, in a release that the bindings fit', async () => {
  const pins = await readPins();
  const builds = vsixTargets.flatMap(({ platform, arch }) =>
    flavoursFor(platform, arch).map((flavour) => ({ platform, flavour })),
  );
  expect(Object.keys(pins.packages).sort()).toEqual(builds.map(({ flavour }) => flavour).sort());
  for (const { platform, flavour } of builds) {
    const { name, version, integrity } = pinOf(pins, flavour);
    expect(name).toBe(`@node-llama-cpp/${flavour}`);
    expect(integrity, flavour).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/u);
    expect(bundledReleases[version], flavour).toBe(llamaReleaseFor(platform));
  }
});

test('a build that does not exist has no pin', async () => {
  const pins = await readPins();
  expect(() => pinOf(pins, 'plan9')).toThrow('plan9');
});
