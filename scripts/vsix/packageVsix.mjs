import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { runOrFail } from '../setup/command.mjs';
import { root } from '../setup/places.mjs';
import { SetupError } from '../setup/setupError.mjs';
import { step } from '../setup/step.mjs';
import { ensureVsce } from '../setup/vsce.mjs';
import { fetchNativePackages } from './nativePackages.mjs';
import { stageVsix } from './stageVsix.mjs';
import { vsixContents } from './vsixContents.mjs';
import { vsixTargets } from './vsixTargets.mjs';

/**
 * Packages the built extension and returns the path: for a target, with the native packages of that platform, or for
 * this machine, with the llama.cpp that set-up installed. `dist` and `node_modules` have to be there.
 *
 * @param {import('./vsixTargets.mjs').VsixTarget | null} [target]
 * @returns {Promise<string>}
 */
export async function packageVsix(target = null) {
  const vsce = await ensureVsce();
  const { name, platform, arch } = target ?? thisMachine();
  const native =
    target === null
      ? { llamaFlavour: await installedLlamaFlavour(), folders: {} }
      : await fetchNativePackages(target);
  const output = path.join(root, 'out', `entropane-${name}.vsix`);
  await step('VSIX', {
    // Packaging takes seconds and its inputs are many: it is always done.
    findDone: async () => null,
    doing: `packaging for ${name}`,
    work: async () => {
      const stage = await mkdtemp(path.join(os.tmpdir(), 'entropane-vsix-'));
      try {
        const hasOnnxRuntime = existsSync(path.join(root, onnxBinaries, platform, arch));
        await stageVsix(stage, vsixContents({ platform, arch, hasOnnxRuntime, ...native }));
        await mkdir(path.dirname(output), { recursive: true });
        // The manifest names no repository until it has a public address.
        const flags = ['--no-dependencies', '--no-rewrite-relative-links', '--allow-missing-repository'];
        await runOrFail([...vsce, 'package', ...flags, '--target', name, '--out', output], {
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

/** Where ONNX Runtime's package has the binaries of every platform that it is published for. */
const onnxBinaries = 'node_modules/onnxruntime-node/bin/napi-v6';

function thisMachine() {
  const { platform, arch } = process;
  const target = vsixTargets.find((each) => each.platform === platform && each.arch === arch);
  if (target !== undefined) return target;
  throw new SetupError(
    `There is no VSIX for ${platform} on ${arch}.`,
    'Name a platform with --target, or run this on another machine.',
  );
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
