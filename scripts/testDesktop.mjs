// `npm run test:desktop`: activates the extension in a desktop VS Code, on a developer's own machine. It downloads
// that VS Code and needs Node 22 and a screen, so it is no part of `npm test`, which drives the packaged extension in
// a browser instead.
import { createRequire } from 'node:module';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { buildBundles } from './setup/bundles.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { installLlamaLibrary } from './setup/llamaLibrary.mjs';
import { runNpm } from './setup/npm.mjs';
import { root, toolsFolder } from './setup/places.mjs';
import { runProgram } from './setup/runProgram.mjs';
import { SetupError } from './setup/setupError.mjs';

const launcher = '@vscode/test-electron@3.1.0';
const leastNodeMajor = 22;

await runProgram(async () => {
  if (Number.parseInt(process.versions.node, 10) < leastNodeMajor) {
    throw new SetupError(
      `${launcher} needs Node ${leastNodeMajor} or newer, and this is Node ${process.versions.node}.`,
      'Run it with a newer Node, or run "npm test -- e2e", which needs none.',
    );
  }
  await installDependencies();
  await installLlamaLibrary();
  await buildBundles();
  const { runTests } = await loadLauncher();
  return runTests({
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'test', 'desktop', 'activation.cjs'),
    launchArgs: ['--disable-extensions', '--disable-workspace-trust'],
  });
});

async function loadLauncher() {
  const folder = path.join(toolsFolder, 'desktop');
  await mkdir(folder, { recursive: true });
  await runNpm(['install', '--prefix', folder, launcher]);
  const require = createRequire(path.join(folder, 'package.json'));
  return require('@vscode/test-electron');
}
