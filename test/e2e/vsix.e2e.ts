import { stat } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { binaryPlatformOf } from '../support/vsix/binaryPlatform.ts';
import { largestMegabytes, ownFiles, packagesOf, surplusOf } from '../support/vsix/expectedVsix.ts';
import { unpackVsix } from '../support/vsix/unpackedVsix.ts';
import { packageVsix } from './editorSession.ts';

const here = `${process.platform}-${process.arch}`;
let vsix: string;
let contents: ReadonlyMap<string, Buffer>;
let files: readonly string[];

beforeAll(async () => {
  vsix = await packageVsix();
  contents = await unpackVsix(vsix);
  files = [...contents.keys()];
});

/** `npm run package:check` looks at the VSIX of every platform. */
describe('the VSIX of this machine', () => {
  it('holds exactly these files of ours', () => {
    expect(files.filter((file) => !file.includes('/node_modules/'))).toEqual(ownFiles);
  });

  it('has no link to nowhere on its page', () => {
    const shipped = contents.get('extension/package.json')?.toString('utf8') ?? '';
    expect(shipped).toContain('"publisher"');
    expect(shipped).not.toContain('.invalid');
  });

  it('holds the native packages that the sidecar loads, and no others', () => {
    const llama = packagesOf(files).filter((name) => name.startsWith('@node-llama-cpp/'));
    expect(llama).toEqual([expect.stringMatching(new RegExp(`^@node-llama-cpp/${here}(-cuda|-vulkan)?$`))]);
    const rest = packagesOf(files).filter((name) => !llama.includes(name));
    expect(rest).toEqual([`@koromix/koffi-${here}`, 'koffi', 'onnxruntime-common', 'onnxruntime-node']);
  });

  it('holds binaries of this platform alone', () => {
    const platforms = [...contents.values()].flatMap((bytes) => binaryPlatformOf(bytes) ?? []);
    expect(platforms.length).toBeGreaterThan(3);
    expect([...new Set(platforms)]).toEqual([here]);
  });

  it('holds no sources, typings, source maps or notes of other packages', () => {
    expect(surplusOf(files)).toEqual([]);
  });

  it('stays small', async () => {
    const megabytes = (await stat(vsix)).size / 1e6;
    console.info(`VSIX: ${files.length} files, ${megabytes.toFixed(1)} MB.`);
    const isForGpu = files.some((file) => /@node-llama-cpp\/[\w-]+-(cuda|vulkan)\//.test(file));
    expect(megabytes).toBeLessThan(isForGpu ? largestMegabytes.gpu : largestMegabytes.processor);
  });
});
