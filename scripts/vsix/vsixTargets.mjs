import { SetupError } from '../setup/setupError.mjs';

/**
 * A platform that a VSIX is made for.
 *
 * @typedef {object} VsixTarget
 * @property {string} name VS Code's own
 * @property {NodeJS.Platform} platform Node's name of the system
 * @property {string} arch Node's name of the processor
 */

/**
 * Every platform that Entropane is made for: those with a llama.cpp that the bindings fit and 64-bit pointers.
 *
 * @type {readonly VsixTarget[]}
 */
export const vsixTargets = [
  { name: 'linux-x64', platform: 'linux', arch: 'x64' },
  { name: 'linux-arm64', platform: 'linux', arch: 'arm64' },
  { name: 'darwin-arm64', platform: 'darwin', arch: 'arm64' },
  { name: 'darwin-x64', platform: 'darwin', arch: 'x64' },
  { name: 'win32-x64', platform: 'win32', arch: 'x64' },
  { name: 'win32-arm64', platform: 'win32', arch: 'arm64' },
];

/**
 * The targets that a command line names: `--target NAME`, `--target=NAME`, several of them, or `all`. Empty where it
 * names none. Throws a `SetupError` for anything else. Pure.
 *
 * @param {readonly string[]} args
 * @returns {readonly VsixTarget[]}
 */
export function chosenTargets(args) {
  const names = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg.startsWith('--target=')) names.push(arg.slice('--target='.length));
    else if (arg === '--target') names.push(rest.shift() ?? '');
    else throw unknown(`"${arg}" is not an option of packaging.`);
  }
  const chosen = names.flatMap((name) => {
    if (name === 'all') return vsixTargets;
    const target = vsixTargets.find((each) => each.name === name);
    if (target === undefined) throw unknown(`There is no VSIX for "${name}".`);
    return [target];
  });
  return [...new Set(chosen)];
}

function unknown(message) {
  const names = vsixTargets.map(({ name }) => name).join(', ');
  return new SetupError(message, `Name a target: --target all, or one of ${names}.`);
}
