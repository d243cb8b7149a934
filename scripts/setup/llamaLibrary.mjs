import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from './command.mjs';
import { readStamp } from './fingerprint.mjs';
import { cudaRuntime, nvidiaDriverFiles } from './gpuFiles.mjs';
import { chooseFlavour, requestedGpus } from './llamaFlavour.mjs';
import { pinOf, readPins } from './llamaPins.mjs';
import { root } from './places.mjs';
import { unpackPackage } from './registryPackage.mjs';
import { SetupError } from './setupError.mjs';
import { step } from './step.mjs';

const scopeFolder = path.join(root, 'node_modules', '@node-llama-cpp');

/**
 * Installs the one build of llama.cpp that this machine can use, from the registry that npm is set up for, checked
 * against the pinned integrity. Why it is not a dependency: docs/decisions/llamaLibrary.md.
 */
export async function installLlamaLibrary() {
  const choice = chooseFlavour(await inspectMachine());
  if (choice.type === 'unsupported') {
    throw new SetupError(
      choice.why,
      'Run Entropane on Linux with glibc, macOS or Windows, with an x64 or arm64 processor.',
    );
  }
  const pin = pinOf(await readPins(), choice.flavour);
  const folder = path.join(scopeFolder, choice.flavour);
  const stampPath = path.join(folder, '.integrity');
  const name = `${choice.flavour}, from node-llama-cpp ${pin.version}`;
  await step('llama.cpp library', {
    findDone: async () => ((await readStamp(stampPath)) === pin.integrity ? `${name} (${choice.why})` : null),
    doing: `fetching ${name}`,
    work: async () => {
      await mkdir(scopeFolder, { recursive: true });
      const temporary = await mkdtemp(path.join(scopeFolder, '.incoming-'));
      try {
        const { name: packageName, version, integrity } = pin;
        const fetched = await unpackPackage({ spec: `${packageName}@${version}`, integrity }, temporary);
        await writeFile(path.join(fetched, '.integrity'), integrity);
        await removeOtherFlavours(temporary);
        await rename(fetched, folder);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
      return `${name} (${choice.why})`;
    },
  });
}

/** The library is looked up by preference, so a flavour no longer wanted would still be taken. */
async function removeOtherFlavours(temporary) {
  const others = (await readdir(scopeFolder)).filter((name) => name !== path.basename(temporary));
  await Promise.all(others.map((name) => rm(path.join(scopeFolder, name), { recursive: true, force: true })));
}

async function inspectMachine() {
  const requestedGpu = process.env.ENTROPANE_GPU || 'auto';
  if (!requestedGpus.includes(requestedGpu)) {
    throw new SetupError(
      `ENTROPANE_GPU is "${requestedGpu}", which names no kind of GPU.`,
      `Set it to one of ${requestedGpus.join(', ')}, or not at all.`,
    );
  }
  const { platform, arch, env: variables } = process;
  const hasNvidiaDriver = nvidiaDriverFiles(platform, variables).some((file) => existsSync(file));
  return {
    platform,
    arch,
    hasGlibc: platform === 'linux' && hasGlibc(),
    requestedGpu,
    hasNvidiaDriver,
    hasCudaRuntime: hasNvidiaDriver && (await hasCudaRuntime()),
  };
}

function hasGlibc() {
  /** @type {{ readonly header?: { readonly glibcVersionRuntime?: string } }} */
  const report = process.report.getReport();
  return typeof report.header?.glibcVersionRuntime === 'string';
}

/** Whether the loader finds the libraries that the CUDA build links against. */
async function hasCudaRuntime() {
  const { platform, env: variables } = process;
  const cached = platform === 'linux' ? (await runCommand(['ldconfig', '-p'])).output : '';
  const { names, folders } = cudaRuntime(platform, variables);
  return names.every(
    (name) => cached.includes(name) || folders.some((folder) => existsSync(path.join(folder, name))),
  );
}
