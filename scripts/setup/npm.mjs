import { npmCommand } from './batchPrograms.mjs';
import { runOrFail } from './command.mjs';
import { npmRemedy } from './npmRemedy.mjs';

/**
 * Runs npm as it was called, so with the same registry, cache and proxy settings; it has to succeed. Throws a
 * `SetupError` that says what npm said and what to do about it.
 *
 * @param {readonly string[]} args
 * @param {import('./command.mjs').CommandOptions & { node?: string }} [options] `node` runs npm and all scripts of
 *   the packages; this process's own when absent
 */
export async function runNpm(args, { node = process.execPath, ...options } = {}) {
  const caller = process.env.npm_execpath ?? '';
  const npm = npmCommand({ caller, node, platform: process.platform });
  await runOrFail([...npm, ...args, '--no-audit', '--no-fund', '--no-update-notifier'], {
    ...options,
    // The calling npm's name for itself: passed on, it would tell install scripts of a Node that they do not run on.
    env: { ...options.env, npm_config_user_agent: undefined },
    remedy: npmRemedy,
  });
}
