import { answersVersion, runCommand, runOrFail } from './command.mjs';
import { SetupError } from './setupError.mjs';

let isIndexFresh = false;

/**
 * Installs Debian packages, as root or through a sudo that asks for no password. Throws a `SetupError` with the one
 * command to type where neither is possible. Fetches the package lists once per run.
 *
 * @param {readonly string[]} packages
 * @param {string} purpose completes "… needed for"
 */
export async function installDebianPackages(packages, purpose) {
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  const typed = `sudo apt-get update && sudo ${install.join(' ')}`;
  const prefix = await rootPrefix();
  if (prefix === null || !(await answersVersion('apt-get'))) {
    throw new SetupError(
      `${packages.join(', ')}: needed for ${purpose}, and cannot be installed from here.`,
      `Type: ${typed}`,
    );
  }
  const remedy = `Type: ${typed}`;
  if (!isIndexFresh) {
    await runOrFail([...prefix, 'apt-get', 'update'], { remedy });
    isIndexFresh = true;
  }
  await runOrFail([...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...install], { remedy });
}

/** What to put before a command that only root may run, or null where this user may not. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return (await runCommand(['sudo', '-n', 'true'])).exitCode === 0 ? ['sudo', '-n'] : null;
}
