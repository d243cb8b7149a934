import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runOrFail } from './command.mjs';
import { fingerprint, readStamp } from './fingerprint.mjs';
import { root } from './places.mjs';
import { step } from './step.mjs';

const stampPath = path.join(root, 'dist', '.inputs.sha256');
/** Everything that a bundle can be made of. */
const inputs = [
  'bench',
  'extension',
  'protocol',
  'sidecar',
  'webview-ui',
  'esbuild.mjs',
  'package.json',
  'package-lock.json',
];
/** Enough to tell that `dist` was not emptied by hand. */
const outputs = ['dist/cli.cjs', 'dist/sidecar.cjs', 'dist/engineThread.cjs', 'dist/statistics.wasm'];

/** Builds `dist`, unless it was built from the same sources. */
export async function buildBundles() {
  const wanted = await fingerprint(inputs);
  await step('Bundles', {
    findDone: async () => {
      const isComplete = outputs.every((output) => existsSync(path.join(root, output)));
      return isComplete && (await readStamp(stampPath)) === wanted ? 'up to date' : null;
    },
    doing: 'building',
    work: async () => {
      await rm(stampPath, { force: true });
      await runOrFail([process.execPath, 'esbuild.mjs'], {
        remedy: 'Fix what the build names, then run this again.',
      });
      await writeFile(stampPath, wanted);
      return 'built';
    },
  });
}
