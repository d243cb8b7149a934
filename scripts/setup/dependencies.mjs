import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fingerprint, readStamp } from './fingerprint.mjs';
import { runNpm } from './npm.mjs';
import { root } from './places.mjs';
import { step } from './step.mjs';

/** Inside `node_modules`, so that it goes when they go. */
const stampPath = path.join(root, 'node_modules', '.entropane', 'lockfile.sha256');

/** Installs what the lockfile names, unless that is what is installed. */
export async function installDependencies() {
  const wanted = await fingerprint(['package-lock.json', '.npmrc']);
  await step('Dependencies', {
    findDone: async () => ((await readStamp(stampPath)) === wanted ? 'as the lockfile says' : null),
    doing: 'installing what the lockfile names',
    work: async () => {
      await runNpm(['ci']);
      await mkdir(path.dirname(stampPath), { recursive: true });
      await writeFile(stampPath, wanted);
      return 'installed';
    },
  });
}
