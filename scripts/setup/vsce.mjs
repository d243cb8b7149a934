import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runNpm } from './npm.mjs';
import { toolsFolder } from './places.mjs';
import { step } from './step.mjs';

/** The last line of releases that runs on Node 20. */
const version = '3.9.2';

const folder = path.join(toolsFolder, 'vsce');
const packageFolder = path.join(folder, 'node_modules', '@vscode', 'vsce');

/**
 * VS Code's own packaging tool, one copy per machine: why it is no dependency stands in docs/decisions/vsix.md.
 * Returns the start of its command line.
 *
 * @returns {Promise<readonly string[]>}
 */
export async function ensureVsce() {
  await step('Packaging tool', {
    findDone: async () => ((await installedVersion()) === version ? `vsce ${version}` : null),
    doing: `fetching vsce ${version}`,
    work: async () => {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
      // Its one install script builds a credential store that packaging has no use for.
      const install = ['install', '--ignore-scripts', '--omit=optional'];
      await runNpm([...install, `@vscode/vsce@${version}`], { cwd: folder });
      return `vsce ${version}`;
    },
  });
  return [process.execPath, path.join(packageFolder, 'vsce')];
}

async function installedVersion() {
  const manifest = await readFile(path.join(packageFolder, 'package.json'), 'utf8').catch(() => '{}');
  return JSON.parse(manifest).version;
}
