import { findInCatalogue } from '../../../sidecar/models/catalogue.ts';
import { grammarNames } from '../../../sidecar/syntax/grammarFiles.mjs';

/** Models whose difficulty probe ships, with its report. */
const probedModels = ['qwen2.5-coder-0.5b', 'qwen2.5-coder-1.5b'];

/** A VSIX larger than this ships something that nobody meant to ship; GPU back ends are large by themselves. */
export const largestMegabytes = { processor: 40, gpu: 800 } as const;

/** Every file of ours in any VSIX, in order. */
export const ownFiles: readonly string[] = [
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
  'extension/media/screenshots/fix.png',
  'extension/media/screenshots/ghostText.png',
  'extension/media/screenshots/panel.png',
  'extension/media/screenshots/terminal.png',
  'extension/media/walkthrough/ask.md',
  'extension/media/walkthrough/chooseModels.md',
  'extension/media/walkthrough/complete.md',
  'extension/media/walkthrough/fetchModel.md',
  'extension/media/walkthrough/readPanel.md',
  'extension/package.json',
  'extension/readme.md',
];

function probeFiles(modelName: string): readonly string[] {
  const hash = findInCatalogue(modelName)?.sha256 ?? '';
  return ['md', 'onnx', 'reliability.svg', 'scatter.svg'].map((end) => `${hash}.${end}`);
}

/** Names of the packages that files of a VSIX belong to, in order. */
export function packagesOf(files: readonly string[]): readonly string[] {
  const names = files.flatMap((file) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/** What no VSIX has: sources, typings, source maps and notes of other packages. */
export function surplusOf(files: readonly string[]): readonly string[] {
  return files.filter((file) => /\.(ts|map|cc|hh|S|asm|pdb|lib|exp)$|node_modules\/.*\.md$/u.test(file));
}
