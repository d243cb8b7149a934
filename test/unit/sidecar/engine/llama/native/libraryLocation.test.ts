import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CodedError } from '../../../../../../protocol/codedError.ts';
import { libraryFileNames } from '../../../../../../sidecar/engine/llama/native/libraryFiles.ts';
import {
  findLlamaLibraries,
  llamaVersion,
} from '../../../../../../sidecar/engine/llama/native/libraryLocation.ts';
import { temporaryFolder } from '../../../../../support/machine/temporaryFolder.ts';

async function install(root: string, flavour: string, version: string): Promise<void> {
  const folder = path.join(root, 'node_modules', '@node-llama-cpp', flavour, 'bins', flavour);
  await mkdir(folder, { recursive: true });
  for (const name of Object.values(libraryFileNames(flavour, version))) {
    await writeFile(path.join(folder, name), '');
  }
  await writeFile(path.join(folder, '../../package.json'), JSON.stringify({ version: '3.22.1' }));
}

function codeOf(run: () => unknown): CodedError['code'] | null {
  try {
    run();
    return null;
  } catch (thrown) {
    return (thrown as CodedError).code;
  }
}

describe('findLlamaLibraries', () => {
  it('walks up to the node_modules folder that has a flavour', async () => {
    await using root = await temporaryFolder();
    await install(root.path, 'linux-x64', llamaVersion);
    const start = path.join(root.path, 'extension', 'dist');
    await mkdir(path.join(root.path, 'extension', 'node_modules'), { recursive: true });
    const found = findLlamaLibraries(start, 'linux', 'x64');
    expect(found).toMatchObject({ flavour: 'linux-x64', packageVersion: '3.22.1' });
    expect(path.basename(found.llama)).toBe(`libllama.v${llamaVersion}.so`);
  });

  it('prefers a build with a GPU back end', async () => {
    await using root = await temporaryFolder();
    await install(root.path, 'linux-x64', llamaVersion);
    await install(root.path, 'linux-x64-vulkan', llamaVersion);
    expect(findLlamaLibraries(root.path, 'linux', 'x64').flavour).toBe('linux-x64-vulkan');
  });

  it('tells another release from none at all', async () => {
    await using root = await temporaryFolder();
    expect(codeOf(() => findLlamaLibraries(root.path, 'linux', 'arm64'))).toBe('library.missing');
    await install(root.path, 'linux-arm64', '0.4.0');
    expect(codeOf(() => findLlamaLibraries(root.path, 'linux', 'arm64'))).toBe('library.incompatible');
  });

  it.each([
    ['darwin', 'arm64', 'mac-arm64-metal'],
    ['win32', 'x64', 'win-x64'],
  ] as const)('finds the older release on %s, and refuses that of Linux', async (platform, arch, flavour) => {
    await using older = await temporaryFolder();
    await install(older.path, flavour, '0.4.0');
    expect(findLlamaLibraries(older.path, platform, arch).flavour).toBe(flavour);
    await using newer = await temporaryFolder();
    await install(newer.path, flavour, '0.5.0');
    expect(codeOf(() => findLlamaLibraries(newer.path, platform, arch))).toBe('library.incompatible');
  });

  it('refuses a system without a build', async () => {
    await using root = await temporaryFolder();
    expect(codeOf(() => findLlamaLibraries(root.path, 'aix', 'ppc64'))).toBe('library.missing');
  });
});
