import path from 'node:path';
import { runOrFail } from './command.mjs';
import { npmRemedy } from './npmRemedy.mjs';

/** Set for every script that a package manager runs; others than npm have no `ci` and no `pack` of a version. */
const caller = process.env.npm_execpath ?? '';

/** npm as it was called: the same program, so the same registry, cache and proxy settings. */
const npm = path.basename(caller) === 'npm-cli.js' ? [process.execPath, caller] : ['npm'];

/**
 * Runs npm, which has to succeed. Throws a `SetupError` that says what npm said and what to do about it.
 *
 * @param {readonly string[]} args
 * @param {import('./command.mjs').CommandOptions} [options]
 */
export async function runNpm(args, options = {}) {
  await runOrFail([...npm, ...args, '--no-audit', '--no-fund', '--no-update-notifier'], {
    ...options,
    remedy: npmRemedy,
  });
}
