import path from 'node:path';
import { runOrFail } from './command.mjs';
import { npmRemedy } from './npmRemedy.mjs';

/** Set for every script that a package manager runs; others than npm have no `ci` and no `pack` of a version. */
const caller = process.env.npm_execpath ?? '';

/**
 * Runs npm as it was called, so with the same registry, cache and proxy settings; it has to succeed. Throws a
 * `SetupError` that says what npm said and what to do about it.
 *
 * @param {readonly string[]} args
 * @param {import('./command.mjs').CommandOptions & { node?: string }} [options] `node` runs npm and all scripts of
 *   the packages; this process's own when absent
 */
export async function runNpm(args, { node = process.execPath, ...options } = {}) {
  const npm = path.basename(caller) === 'npm-cli.js' ? [node, caller] : ['npm'];
  await runOrFail([...npm, ...args, '--no-audit', '--no-fund', '--no-update-notifier'], {
    ...options,
    // The calling npm's name for itself: passed on, it would tell install scripts of a Node that they do not run on.
    env: { ...options.env, npm_config_user_agent: undefined },
    remedy: npmRemedy,
  });
}
