import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Grammars that ship, as their packages name the files: `tree-sitter-NAME.wasm`. */
export const grammarNames = [
  'bash',
  'c',
  'c-sharp',
  'cpp',
  'css',
  'go',
  'java',
  'javascript',
  'php',
  'python',
  'ruby',
  'rust',
  'tsx',
  'typescript',
];

/** Copies the runtime, the grammars and the licence of both into one folder. */
export async function copyGrammars(folder) {
  const require = createRequire(import.meta.url);
  const wasmFolder = dirname(require.resolve('@vscode/tree-sitter-wasm'));
  const ofC = require.resolve('tree-sitter-c/tree-sitter-c.wasm');
  const fileOf = (name) => (name === 'c' ? ofC : join(wasmFolder, `tree-sitter-${name}.wasm`));
  const files = [
    join(wasmFolder, 'tree-sitter.wasm'),
    join(wasmFolder, '../LICENSE'),
    ...grammarNames.map(fileOf),
  ];
  await mkdir(folder, { recursive: true });
  await Promise.all(files.map((file) => copyFile(file, join(folder, basename(file)))));
}
