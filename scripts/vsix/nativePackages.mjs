import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readStamp } from '../setup/fingerprint.mjs';
import { chooseFlavour, requestedGpus } from '../setup/llamaFlavour.mjs';
import { pinOf, readPins } from '../setup/llamaPins.mjs';
import { root, toolsFolder } from '../setup/places.mjs';
import { unpackPackage } from '../setup/registryPackage.mjs';
import { SetupError } from '../setup/setupError.mjs';
import { step } from '../setup/step.mjs';

/** Native packages of other platforms, one copy per machine: fetched again whenever they are gone. */
const keptFolder = path.join(toolsFolder, 'nativePackages');

/**
 * The native packages of a platform that need not be this machine's: fetched where they are not here, as set-up fetches
 * llama.cpp. `folders` says where each of them lies. What `ENTROPANE_GPU` asks for is taken where it is built.
 *
 * @param {import('./vsixTargets.mjs').VsixTarget} target
 * @returns {Promise<{ llamaFlavour: string, folders: Readonly<Record<string, string>> }>}
 */
export async function fetchNativePackages({ platform, arch }) {
  const requested = process.env.ENTROPANE_GPU || 'auto';
  const requestedGpu = requestedGpus.includes(requested) ? requested : 'auto';
  // The machine that the VSIX will run on is not known: the plain build runs on all.
  const unknown = { hasGlibc: true, hasNvidiaDriver: false, hasCudaRuntime: false };
  const choice = chooseFlavour({ platform, arch, requestedGpu, ...unknown });
  if (choice.type === 'unsupported') throw new SetupError(choice.why, 'Name another target.');
  const pin = pinOf(await readPins(), choice.flavour);
  const koffi = `@koromix/koffi-${platform}-${arch}`;
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8'));
  const locked = lock.packages[`node_modules/${koffi}`];
  return {
    llamaFlavour: choice.flavour,
    folders: {
      [pin.name]: await fetchPackage(pin.name, pin),
      [koffi]: await fetchPackage(koffi, locked),
    },
  };
}

/**
 * Returns the folder of the package.
 *
 * @param {string} name
 * @param {object} pin
 * @param {string} pin.version
 * @param {string} pin.integrity
 */
async function fetchPackage(name, { version, integrity }) {
  const folder = path.join(keptFolder, `${name.replace('/', '+')}@${version}`);
  const stampPath = path.join(folder, '.integrity');
  const spec = `${name}@${version}`;
  await step('Native package', {
    findDone: async () => ((await readStamp(stampPath)) === integrity ? spec : null),
    doing: `fetching ${spec}`,
    work: async () => {
      await mkdir(keptFolder, { recursive: true });
      const temporary = await mkdtemp(path.join(keptFolder, '.incoming-'));
      try {
        const fetched = await unpackPackage({ spec, integrity }, temporary);
        await writeFile(path.join(fetched, '.integrity'), integrity);
        await rm(folder, { recursive: true, force: true });
        await rename(fetched, folder);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
      return spec;
    },
  });
  return folder;
}
