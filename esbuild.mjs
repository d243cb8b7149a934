import { chmod, mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { writeBundledLicences } from './scripts/bundledLicences.mjs';
import { buildKernel, kernelNames } from './sidecar/numeric/kernel/build.mjs';
import { copyGrammars } from './sidecar/syntax/grammarFiles.mjs';

const { values: flags } = parseArgs({ options: { watch: { type: 'boolean', default: false } } });

/** @type {esbuild.BuildOptions} */
const node = { platform: 'node', format: 'cjs', target: 'node20' };
/** @type {esbuild.BuildOptions} */
const browser = {
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
};
/** Native modules cannot be bundled; the VSIX carries them in `dist/node_modules`, where `require` looks first. */
const native = ['koffi', 'onnxruntime-node'];
/** What the lab asks for where it is installed: to bundle it would bundle its program. */
const ownTools = ['esbuild'];

/** The package's `bin`: a program by itself. */
const commandLine = 'dist/cli.cjs';

/**
 * Everything that ships, once: build and watch both map over this list.
 *
 * @type {readonly esbuild.BuildOptions[]}
 */
const bundles = [
  { ...node, entryPoints: ['extension/extension.ts'], outfile: 'dist/extension.cjs', external: ['vscode'] },
  { ...node, entryPoints: ['sidecar/entry/main.ts'], outfile: 'dist/sidecar.cjs', external: native },
  {
    ...node,
    entryPoints: ['sidecar/cli/main.ts'],
    outfile: commandLine,
    external: native,
    banner: { js: '#!/usr/bin/env node' },
  },
  {
    ...node,
    entryPoints: ['sidecar/engine/llama/engineThread.ts'],
    outfile: 'dist/engineThread.cjs',
    external: native,
  },
  {
    ...node,
    entryPoints: ['sidecar/engine/llama/templating/templateProgram.ts'],
    outfile: 'dist/templateProgram.cjs',
  },
  {
    ...node,
    entryPoints: ['sidecar/entry/liveness/watchdogThread.ts'],
    outfile: 'dist/watchdogThread.cjs',
  },
  { ...node, entryPoints: ['sidecar/verify/commandGuard.ts'], outfile: 'dist/commandGuard.cjs' },
  { ...node, entryPoints: ['lab/main.ts'], outfile: 'dist/lab.cjs', external: [...native, ...ownTools] },
  { ...browser, entryPoints: ['webview-ui/main.tsx'], outfile: 'dist/webview/panel.js', minify: true },
  { ...browser, entryPoints: ['webview-ui/dev/replay.tsx'], outfile: 'dist/webview/replay.js', minify: true },
].map((bundle) => ({
  ...bundle,
  bundle: true,
  sourcemap: bundle.platform === 'node' ? 'linked' : false,
  logLevel: 'warning',
  // Licences stand in a file of their own, whole, whatever comments a package has.
  legalComments: 'none',
  metafile: true,
}));

await mkdir('dist/webview', { recursive: true });
const [inputs] = await Promise.all([
  Promise.all(bundles.map(build)),
  ...kernelNames.map((name) => buildKernel(name, `dist/${name}.wasm`)),
  copyGrammars('dist/syntax'),
]);
await writeBundledLicences('dist/LICENSES.txt', inputs.flat());
// Writing a file anew keeps its mode, so watching need not repeat this.
await chmod(commandLine, 0o755);

/**
 * @param {(typeof bundles)[number]} bundle
 * @returns {Promise<readonly string[]>} paths of the files that are in it
 */
async function build(bundle) {
  const context = await esbuild.context(bundle);
  const { metafile } = await context.rebuild();
  if (flags.watch) await context.watch();
  else await context.dispose();
  return Object.keys(metafile?.inputs ?? {});
}
