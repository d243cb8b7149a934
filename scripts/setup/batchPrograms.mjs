import path from 'node:path';

/**
 * The start of a command line for a program that is a script on Windows, such as `npm` and `code`: only the shell there
 * starts scripts. Pure.
 *
 * @param {string} name
 * @param {string} platform
 * @returns {readonly string[]}
 */
export function scriptCommand(name, platform) {
  return platform === 'win32' ? ['cmd.exe', '/d', '/c', name] : [name];
}

/**
 * The start of a command line for npm. `caller` is set for every script that a package manager runs; others than npm have
 * no `ci` and no `pack` of a version, and are passed over. Pure.
 *
 * @param {{ caller: string, node: string, platform: string }} from
 * @returns {readonly string[]}
 */
export function npmCommand({ caller, node, platform }) {
  const { basename } = platform === 'win32' ? path.win32 : path.posix;
  return basename(caller) === 'npm-cli.js' ? [node, caller] : scriptCommand('npm', platform);
}
