import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, runOrFail } from './command.mjs';
import { readStamp } from './fingerprint.mjs';
import { chooseFlavour, requestedGpus } from './llamaFlavour.mjs';
import { runNpm } from './npm.mjs';
import { root } from './places.mjs';
import { SetupError } from './setupError.mjs';
import { step } from './step.mjs';

const scopeFolder = path.join(root, 'node_modules', '@node-llama-cpp');

/**
 * Installs the one build of llama.cpp that this machine can use, from the registry that npm is set up for, checked
 * against the pinned integrity. Why it is no dependency: docs/decisions/llamaLibrary.md.
 */
export async function installLlamaLibrary() {
  const choice = chooseFlavour(await inspectMachine());
  if (choice.type === 'unsupported') {
    throw new SetupError(choice.why, 'Run Entropane on Linux with x64 or arm64 and glibc.');
  }
  const pins = JSON.parse(await readFile(new URL('llamaLibrary.json', import.meta.url), 'utf8'));
  const integrity = pins.integrity[choice.flavour];
  const folder = path.join(scopeFolder, choice.flavour);
  const stampPath = path.join(folder, '.integrity');
  const name = `${choice.flavour}, from node-llama-cpp ${pins.version}`;
  await step('llama.cpp library', {
    findDone: async () => ((await readStamp(stampPath)) === integrity ? `${name} (${choice.why})` : null),
    doing: `fetching ${name}`,
    work: async () => {
      await mkdir(scopeFolder, { recursive: true });
      const temporary = await mkdtemp(path.join(scopeFolder, '.incoming-'));
      try {
        const unpacked = await unpack(
          `${pins.scope}/${choice.flavour}@${pins.version}`,
          integrity,
          temporary,
        );
        await writeFile(path.join(unpacked, '.integrity'), integrity);
        await removeOtherFlavours(temporary);
        await rename(unpacked, folder);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
      return `${name} (${choice.why})`;
    },
  });
}

/** Returns the folder of the unpacked package inside `temporary`. */
async function unpack(spec, integrity, temporary) {
  await runNpm(['pack', spec, '--pack-destination', temporary]);
  const [tarball] = (await readdir(temporary)).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm packed ${spec} and left no file.`);
  const content = await readFile(path.join(temporary, tarball));
  const found = `sha512-${createHash('sha512').update(content).digest('base64')}`;
  if (found !== integrity) {
    throw new SetupError(
      `The registry's ${spec} is not the package this version was built with (${found}).`,
      'Use a registry that serves the package unchanged.',
    );
  }
  await runOrFail(['tar', '-xzf', tarball], { cwd: temporary, remedy: 'Install tar, then run this again.' });
  return path.join(temporary, 'package');
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
  const hasNvidiaDriver = existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidiactl');
  return {
    platform: process.platform,
    arch: process.arch,
    hasGlibc: hasGlibc(),
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
  const { output } = await runCommand(['ldconfig', '-p']);
  const folders = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean);
  return ['libcudart.so.13', 'libcublas.so.13'].every(
    (library) => output.includes(library) || folders.some((folder) => existsSync(path.join(folder, library))),
  );
}
