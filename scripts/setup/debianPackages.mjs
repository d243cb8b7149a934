import { answersVersion, runCommand, runOrFail } from './command.mjs';
import { SetupError } from './setupError.mjs';

/**
 * Installs Debian packages, none as well, as root or through a sudo that asks for no password. Throws a `SetupError`
 * with the one command to type where neither is possible.
 *
 * @param {readonly string[]} packages
 * @param {string} purpose completes "… needed for"
 */
export async function installDebianPackages(packages, purpose) {
  if (packages.length === 0) return;
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...packages];
  const remedy = `Type: sudo apt-get update && sudo ${install.join(' ')}`;
  const prefix = await rootPrefix();
  if (prefix === null || !(await answersVersion('apt-get'))) {
    throw new SetupError(
      `${packages.join(', ')}: needed for ${purpose}, and cannot be installed from here.`,
      remedy,
    );
  }
  await runOrFail([...prefix, 'apt-get', 'update'], { remedy });
  await runOrFail([...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...install], { remedy });
}

/** What to put before a command that only root may run, or null where this user may not. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return (await runCommand(['sudo', '-n', 'true'])).exitCode === 0 ? ['sudo', '-n'] : null;
}
