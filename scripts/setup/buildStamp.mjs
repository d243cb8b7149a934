import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readStamp } from './fingerprint.mjs';

const stampName = '.inputs.sha256';

/**
 * Whether a folder holds what was built from these inputs, and all of it: the stamp also names every file that the
 * build left there.
 *
 * @param {string} folder
 * @param {string} inputs fingerprint of everything that the build reads
 */
export async function isBuilt(folder, inputs) {
  const [stamped, ...outputs] = ((await readStamp(path.join(folder, stampName))) ?? '').split('\n');
  return stamped === inputs && outputs.every((output) => existsSync(path.join(folder, output)));
}

/** Before a build, so that one which breaks off counts as none. @param {string} folder */
export async function removeBuildStamp(folder) {
  await rm(path.join(folder, stampName), { force: true });
}

/** After a build. @param {string} folder @param {string} inputs */
export async function stampBuild(folder, inputs) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const outputs = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  await writeFile(path.join(folder, stampName), [inputs, ...outputs].join('\n'));
}
