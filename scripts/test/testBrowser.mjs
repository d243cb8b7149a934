import { runCommand } from '../setup/command.mjs';
import { installDebianPackages } from '../setup/debianPackages.mjs';
import { SetupError } from '../setup/setupError.mjs';
import { step } from '../setup/step.mjs';

/** Programs that are Chromium, as the systems name them. */
const programs = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

/**
 * Finds a Chromium on the path, or installs Debian's, and puts its path into `ENTROPANE_CHROMIUM`, where tests look
 * first.
 */
export async function ensureTestBrowser() {
  let found = await findChromium();
  await step('Test browser', {
    findDone: async () => found?.version ?? null,
    doing: 'installing Chromium',
    work: async () => {
      await installDebianPackages(await missingBrowserPackages(), 'the tests in a browser');
      found = await findChromium();
      if (found === null) {
        throw new SetupError(
          'Chromium was installed, and still no program of that name starts.',
          'Put a Chromium on the path and run this again.',
        );
      }
      return found.version;
    },
  });
  process.env.ENTROPANE_CHROMIUM = found?.path;
}

/** The Debian package that brings a Chromium, unless one is there. */
export async function missingBrowserPackages() {
  return (await findChromium()) === null ? ['chromium'] : [];
}

/**
 * The Chromium of `ENTROPANE_CHROMIUM`, else the first on the path that answers; null where there is none.
 *
 * @returns {Promise<{ path: string, version: string } | null>}
 */
export async function findChromium() {
  const { ENTROPANE_CHROMIUM: chosen } = process.env;
  for (const candidate of chosen ? [chosen, ...programs] : programs) {
    const { exitCode, output } = await runCommand([candidate, '--version']);
    const version = /Chrom\w* [\d.]+/.exec(output)?.[0];
    if (exitCode === 0 && version) return { path: await absolutePath(candidate), version };
  }
  return null;
}

async function absolutePath(program) {
  if (program.includes('/')) return program;
  const { output } = await runCommand(['sh', '-c', 'command -v "$1"', 'sh', program]);
  return output.trim() || program;
}
