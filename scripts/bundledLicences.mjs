import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder of the package that a bundled file is of. */
const packageFolder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/u;

/**
 * Writes what the packages ask for whose code is in the bundles: name, version and licence of each, by name.
 *
 * @param {string} file
 * @param {readonly string[]} inputs paths of all bundled files, as esbuild's metafile has them
 */
export async function writeBundledLicences(file, inputs) {
  const folders = new Set(inputs.flatMap((input) => packageFolder.exec(input)?.[0] ?? []));
  const notices = await Promise.all([...folders].sort().map(noticeOf));
  await writeFile(file, notices.join(`\n${'-'.repeat(80)}\n\n`));
}

async function noticeOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const texts = (await readdir(folder)).filter((entry) => /^licen[cs]e(?:[.-]|$)/iu.test(entry)).sort();
  if (texts.length === 0) throw new Error(`${folder} has no licence to go with its code.`);
  const licences = await Promise.all(texts.map((text) => readFile(join(folder, text), 'utf8')));
  return [`${name} ${version} (${license})`, ...licences.map((text) => text.trim())].join('\n\n') + '\n';
}
