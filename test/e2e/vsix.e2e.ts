import { stat } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPromise } from 'yauzl';
import { findInCatalogue } from '../../sidecar/models/catalogue.ts';
import { grammarNames } from '../../sidecar/syntax/grammarFiles.mjs';
import { packageVsix } from './editorSession.ts';

/** A VSIX larger than this ships something that nobody meant to ship; GPU back ends are large by themselves. */
const largestMegabytes = { processor: 40, gpu: 800 };

/** Models whose difficulty probe ships, with its report. */
const probedModels = ['qwen2.5-coder-0.5b', 'qwen2.5-coder-1.5b'];

const here = `${process.platform}-${process.arch}`;
let vsix: string;
let files: readonly string[];

beforeAll(async () => {
  vsix = await packageVsix();
  files = await entriesOf(vsix);
});

describe('the VSIX', () => {
  it('holds exactly these files of ours', () => {
    expect(files.filter((file) => !file.includes('/node_modules/'))).toEqual([
      '[Content_Types].xml',
      'extension.vsixmanifest',
      'extension/LICENSE.txt',
      'extension/changelog.md',
      'extension/dist/LICENSES.txt',
      'extension/dist/commandGuard.cjs',
      'extension/dist/engineThread.cjs',
      'extension/dist/extension.cjs',
      'extension/dist/sidecar.cjs',
      'extension/dist/statistics.wasm',
      'extension/dist/syntax/LICENSE',
      ...grammarNames.map((name) => `extension/dist/syntax/tree-sitter-${name}.wasm`).sort(),
      'extension/dist/syntax/tree-sitter.wasm',
      'extension/dist/templateProgram.cjs',
      'extension/dist/watchdogThread.cjs',
      'extension/dist/webview/panel.css',
      'extension/dist/webview/panel.js',
      'extension/dist/webview/replay.css',
      'extension/dist/webview/replay.js',
      'extension/media/icon.png',
      'extension/media/icon.svg',
      ...['README.md', ...probedModels.flatMap(probeFiles)]
        .map((name) => `extension/media/probes/${name}`)
        .sort(),
      'extension/media/screenshots/ghostText.png',
      'extension/media/screenshots/panel.png',
      'extension/media/screenshots/terminal.png',
      'extension/media/walkthrough/ask.md',
      'extension/media/walkthrough/complete.md',
      'extension/media/walkthrough/fetchModel.md',
      'extension/media/walkthrough/readPanel.md',
      'extension/package.json',
      'extension/readme.md',
    ]);
  });

  it('holds the native packages that the sidecar loads, and no others', () => {
    const packages = files.flatMap((file) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
    const [llama, ...rest] = [...new Set(packages)].sort((a, b) => Number(isLlama(b)) - Number(isLlama(a)));
    expect(llama).toMatch(new RegExp(`^@node-llama-cpp/${here}(-cuda|-vulkan)?$`));
    expect(rest.sort()).toEqual([
      `@koromix/koffi-${here}`,
      'koffi',
      'onnxruntime-common',
      'onnxruntime-node',
    ]);
  });

  it('holds binaries of this platform alone', () => {
    const binaries = files.filter((file) => /\.(node|so|dylib|dll)(\.|$)/.test(file));
    expect(binaries.length).toBeGreaterThan(3);
    const foreign = binaries.filter(
      (file) => !new RegExp(`${process.platform}[-_/]${process.arch}`).test(file),
    );
    expect(foreign).toEqual([]);
  });

  it('holds no sources, typings, source maps or notes of other packages', () => {
    const surplus = files.filter((file) => /\.(ts|map|cc|hh|S|asm|pdb)$|node_modules\/.*\.md$/.test(file));
    expect(surplus).toEqual([]);
  });

  it('stays small', async () => {
    const megabytes = (await stat(vsix)).size / 1e6;
    console.info(`VSIX: ${files.length} files, ${megabytes.toFixed(1)} MB.`);
    const isForGpu = files.some((file) => /@node-llama-cpp\/[\w-]+-(cuda|vulkan)\//.test(file));
    expect(megabytes).toBeLessThan(isForGpu ? largestMegabytes.gpu : largestMegabytes.processor);
  });
});

function isLlama(name: string): boolean {
  return name.startsWith('@node-llama-cpp/');
}

function probeFiles(modelName: string): readonly string[] {
  const hash = findInCatalogue(modelName)?.sha256 ?? '';
  return ['md', 'onnx', 'reliability.svg', 'scatter.svg'].map((end) => `${hash}.${end}`);
}

async function entriesOf(path: string): Promise<readonly string[]> {
  const zip = await openPromise(path);
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) names.push(entry.fileName);
  return names.sort();
}
