import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../setup/places.mjs';
import { SetupError } from '../setup/setupError.mjs';
import { shippedManifest } from './shippedManifest.mjs';

/**
 * Copies into `stage` what the rules name, and a manifest without what only the checkout needs.
 *
 * @param {string} stage an empty folder
 * @param {readonly import('./vsixContents.mjs').ContentRule[]} rules
 */
export async function stageVsix(stage, rules) {
  for (const rule of rules) {
    const names = await matchingFiles(rule);
    if (names.length === 0) {
      throw new SetupError(
        `Nothing in ${rule.from} is what the VSIX needs from there.`,
        'Run "npm start" once.',
      );
    }
    for (const name of names) {
      const target = path.join(stage, rule.to, name);
      await mkdir(path.dirname(target), { recursive: true });
      // A package manager may link into its store; the VSIX has to hold the file itself.
      await cp(path.join(path.resolve(root, rule.from), name), target, { dereference: true });
    }
  }
  const manifest = shippedManifest(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')));
  await writeFile(path.join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Paths inside the rule's folder, with forward slashes; one empty path for a rule that names a file.
 *
 * @param {import('./vsixContents.mjs').ContentRule} rule
 */
async function matchingFiles({ from, only }) {
  const source = path.resolve(root, from);
  const found = await stat(source).catch(() => null);
  if (found === null) return [];
  if (!found.isDirectory()) return [''];
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(source, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .filter((name) => only === undefined || only.test(name));
}
