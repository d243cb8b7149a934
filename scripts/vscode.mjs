// `npm run vscode`: sets up whatever is missing, packages the VSIX and opens it in VS Code: the `code` program where
// there is one, otherwise a real VS Code in the browser. `npm run vscode -- FOLDER` opens that instead of the sample.
import { cp, mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { scriptCommand } from './setup/batchPrograms.mjs';
import { buildBundles } from './setup/bundles.mjs';
import { answersVersion, runOrFail } from './setup/command.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { editorRig, ensureEditorRig } from './editor/editorRig.mjs';
import { startEditorServer } from './editor/editorServer.mjs';
import { installLlamaLibrary } from './setup/llamaLibrary.mjs';
import { root } from './setup/places.mjs';
import { runProgram } from './setup/runProgram.mjs';
import { packageVsix } from './vsix/packageVsix.mjs';

await runProgram(async () => {
  await installDependencies();
  await installLlamaLibrary();
  await buildBundles();
  const vsix = await packageVsix();
  const workspace = process.argv[2] === undefined ? await sampleWorkspace() : path.resolve(process.argv[2]);
  return (await answersVersion('code')) ? openDesktop(vsix, workspace) : serveInBrowser(vsix, workspace);
});

/** A copy, so that trying things out leaves the checkout as it is. */
async function sampleWorkspace() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'entropane-sample-'));
  await cp(path.join(root, 'media', 'sampleWorkspace'), folder, { recursive: true });
  return folder;
}

async function openDesktop(vsix, workspace) {
  const code = scriptCommand('code', process.platform);
  await runOrFail([...code, '--install-extension', vsix, '--force'], {
    remedy: 'Install the VSIX by hand: Extensions view, "Install from VSIX…".',
  });
  await runOrFail([...code, '--new-window', workspace], { remedy: `Open ${workspace} in VS Code.` });
  process.stdout.write(`VS Code is open on ${workspace}.\n`);
  return 0;
}

/** Serves until Ctrl-C. The profile stays between runs, so that settings and layout do. */
async function serveInBrowser(vsix, workspace) {
  await ensureEditorRig();
  const profile = path.join(root, '.cache', 'editorProfile');
  const port = Number(process.env.ENTROPANE_EDITOR_PORT || 0);
  const server = await startEditorServer({ rig: editorRig, profile, vsix, workspace, port });
  // Ctrl-C reaches both; this process ends when the server has.
  process.on('SIGINT', () => undefined);
  // These may reach this process alone.
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => server.process.kill(signal));
  }
  process.stdout.write(`VS Code, on this machine only: ${server.url}\nCtrl-C ends it.\n`);
  await new Promise((resolve) => {
    server.process.once('exit', resolve);
  });
  return 0;
}
