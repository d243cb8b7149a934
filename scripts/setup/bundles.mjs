import path from 'node:path';
import { isBuilt, removeBuildStamp, stampBuild } from './buildStamp.mjs';
import { runOrFail } from './command.mjs';
import { fingerprint } from './fingerprint.mjs';
import { root } from './places.mjs';
import { step } from './step.mjs';

const dist = path.join(root, 'dist');
/** Everything that a bundle can be made of. */
const inputs = [
  'lab',
  'extension',
  'protocol',
  'sidecar',
  'webview-ui',
  'esbuild.mjs',
  'package.json',
  'package-lock.json',
];

/** Builds `dist`, unless it was built from the same sources. */
export async function buildBundles() {
  const wanted = await fingerprint(inputs);
  await step('Bundles', {
    findDone: async () => ((await isBuilt(dist, wanted)) ? 'up to date' : null),
    doing: 'building',
    work: async () => {
      await removeBuildStamp(dist);
      await runOrFail([process.execPath, 'esbuild.mjs'], {
        remedy: 'Fix what the build names, then run this again.',
      });
      await stampBuild(dist, wanted);
      return 'built';
    },
  });
}
