import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { runOrFail } from './command.mjs';
import { runNpm } from './npm.mjs';
import { SetupError } from './setupError.mjs';

/**
 * Fetches one package from the registry that npm is set up for, and checks it. Returns the folder of the unpacked
 * package inside `temporary`, which is empty before.
 *
 * @param {{ spec: string, integrity: string }} wanted such as `koffi@3.3.4`, and the hash of its archive
 * @param {string} temporary
 * @returns {Promise<string>}
 */
export async function unpackPackage({ spec, integrity }, temporary) {
  await runNpm(['pack', spec, '--pack-destination', temporary]);
  const [tarball] = (await readdir(temporary)).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm packed ${spec} and left no file.`);
  const content = await readFile(path.join(temporary, tarball));
  const found = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  if (found !== integrity) {
    throw new SetupError(
      `The registry's ${spec} is not the package this version was built with (${found}).`,
      'Use a registry that serves the package unchanged.',
    );
  }
  await runOrFail(['tar', '-xzf', tarball], { cwd: temporary, remedy: 'Install tar, then run this again.' });
  return path.join(temporary, 'package');
}
