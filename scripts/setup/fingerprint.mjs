import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './places.mjs';

/**
 * SHA-256 over names and contents of files and folders of the checkout, whatever their times say. A name that does
 * not exist counts as such, so that adding it changes the result.
 *
 * @param {readonly string[]} names relative to the checkout
 * @returns {Promise<string>}
 */
export async function fingerprint(names) {
  const files = (await Promise.all(names.map((name) => filesUnder(name)))).flat().sort();
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`);
    hash.update(await readFile(path.join(root, file)).catch(() => 'absent'));
    hash.update('\0');
  }
  return hash.digest('hex');
}

/** The stamp that a step left behind, or null. @param {string} stampPath */
export async function readStamp(stampPath) {
  return readFile(stampPath, 'utf8').catch(() => null);
}

async function filesUnder(name) {
  const entries = await readdir(path.join(root, name), { withFileTypes: true }).catch(() => null);
  if (entries === null) return [name];
  const nested = entries.map((entry) => {
    const inner = path.posix.join(name, entry.name);
    return entry.isDirectory() ? filesUnder(inner) : [inner];
  });
  return (await Promise.all(nested)).flat();
}
