import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runOrFail } from '../setup/command.mjs';
import { root } from '../setup/places.mjs';
import { SetupError } from '../setup/setupError.mjs';
import { step } from '../setup/step.mjs';
import { ensureVsce } from '../setup/vsce.mjs';
import { stageVsix } from './stageVsix.mjs';
import { vsixContents } from './vsixContents.mjs';

/**
 * Packages the built extension for this machine's platform and llama.cpp flavour, and returns the path. `dist` and
 * `node_modules` have to be there.
 *
 * @returns {Promise<string>}
 */
export async function packageVsix() {
  const vsce = await ensureVsce();
  const target = `${process.platform}-${process.arch}`;
  const output = path.join(root, 'out', `entropane-${target}.vsix`);
  await step('VSIX', {
    // Packaging takes seconds and its inputs are many: it is always done.
    findDone: async () => null,
    doing: `packaging for ${target}`,
    work: async () => {
      const stage = await mkdtemp(path.join(os.tmpdir(), 'entropane-vsix-'));
      try {
        const llamaFlavour = await installedLlamaFlavour();
        await stageVsix(
          stage,
          vsixContents({ platform: process.platform, arch: process.arch, llamaFlavour }),
        );
        await mkdir(path.dirname(output), { recursive: true });
        const flags = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
        await runOrFail([...vsce, 'package', ...flags, '--target', target, '--out', output], {
          cwd: stage,
          remedy: 'Mend what vsce names, then run this again.',
        });
      } finally {
        await rm(stage, { recursive: true, force: true });
      }
      const { size } = await stat(output);
      return `${path.relative(root, output)}, ${(size / 1e6).toFixed(1)} MB`;
    },
  });
  return output;
}

/** The one build of llama.cpp that set-up put into `node_modules`. */
async function installedLlamaFlavour() {
  const scope = path.join(root, 'node_modules', '@node-llama-cpp');
  const flavours = (await readdir(scope).catch(() => [])).filter((name) => !name.startsWith('.'));
  const [flavour] = flavours;
  if (flavour !== undefined && flavours.length === 1) return flavour;
  throw new SetupError(
    `node_modules/@node-llama-cpp holds ${flavours.length} builds of llama.cpp; the VSIX takes the one of this machine.`,
    'Run "npm start" once: it leaves just that one.',
  );
}
