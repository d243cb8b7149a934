import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseFlavour } from '../../scripts/setup/llamaFlavour.mjs';
import { vsixTargets } from '../../scripts/vsix/vsixTargets.mjs';
import { libraryFileNames, llamaReleaseFor } from '../../sidecar/engine/llama/native/libraryFiles.ts';
import { isOnnxRuntimePublished } from '../../sidecar/process/onnxRuntime.ts';
import { checkout, manifest } from '../support/machine/manifest.ts';
import { binaryPlatformOf } from '../support/vsix/binaryPlatform.ts';
import { largestMegabytes, ownFiles, packagesOf, surplusOf } from '../support/vsix/expectedVsix.ts';
import { unpackVsix } from '../support/vsix/unpackedVsix.ts';

/** Packages for one platform, so that what a registry lacks fails there alone. Returns the path. */
async function packageFor(target: string): Promise<string> {
  const script = path.join(checkout, 'scripts/writeVsix.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--target', target], {
    cwd: checkout,
    env: { ...process.env, ENTROPANE_GPU: 'none' },
  });
  return stdout.trim();
}

describe.each(vsixTargets)('the VSIX of $name', ({ name, platform, arch }) => {
  const machine = { hasGlibc: true, requestedGpu: 'none', hasNvidiaDriver: false, hasCudaRuntime: false };
  const choice = chooseFlavour({ platform, arch, ...machine });
  const flavour = choice.type === 'chosen' ? choice.flavour : '';
  const modules = 'extension/dist/node_modules';
  let vsix: string;
  let contents: ReadonlyMap<string, Buffer>;
  let files: readonly string[];

  beforeAll(async () => {
    vsix = await packageFor(name);
    contents = await unpackVsix(vsix);
    files = [...contents.keys()];
  });

  it('says which platform it is for', () => {
    expect(path.basename(vsix)).toBe(`entropane-${name}.vsix`);
    const declared = contents.get('extension.vsixmanifest')?.toString('utf8');
    expect(declared).toContain(`TargetPlatform="${name}"`);
    expect(declared).toContain(`Version="${manifest.version}"`);
  });

  it('holds exactly these files of ours, and no surplus of others', () => {
    expect(files.filter((file) => !file.includes('/node_modules/'))).toEqual(ownFiles);
    expect(surplusOf(files)).toEqual([]);
  });

  it('holds the native packages that the sidecar loads there, and no others', () => {
    const onnx = isOnnxRuntimePublished({ platform, arch }) ? ['onnxruntime-common', 'onnxruntime-node'] : [];
    expect(packagesOf(files)).toEqual(
      [`@koromix/koffi-${platform}-${arch}`, `@node-llama-cpp/${flavour}`, 'koffi', ...onnx].sort(),
    );
  });

  it('holds binaries of that platform alone', () => {
    const platforms = [...contents.values()].flatMap((bytes) => binaryPlatformOf(bytes) ?? []);
    expect(platforms.length).toBeGreaterThan(3);
    expect([...new Set(platforms)]).toEqual([`${platform}-${arch}`]);
  });

  it('holds llama.cpp under the names by which it is loaded, with a back end for the processor', () => {
    const bins = `${modules}/@node-llama-cpp/${flavour}/bins/${flavour}`;
    for (const file of Object.values(libraryFileNames(flavour, llamaReleaseFor(platform))))
      expect(files).toContain(`${bins}/${file}`);
    expect(files.filter((file) => /\/(?:lib)?ggml-cpu[\w.-]*$/u.test(file))).not.toEqual([]);
    expect(files).toContain(`${modules}/@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`);
  });

  it('holds every picture that its page shows', () => {
    const page = contents.get('extension/readme.md')?.toString('utf8') ?? '';
    const pictures = [...page.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)/gu)].map(([, target = '']) => target);
    expect(pictures.length).toBeGreaterThan(2);
    expect(pictures.filter((target) => !contents.has(`extension/${target}`))).toEqual([]);
  });

  it('stays small', async () => {
    const megabytes = (await stat(vsix)).size / 1e6;
    console.info(`${name}: ${files.length} files, ${megabytes.toFixed(1)} MB.`);
    expect(megabytes).toBeLessThan(largestMegabytes.processor);
  });
});
