import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { npm, runCommand, runOrFail } from './command.mjs';
import { installDebianPackages } from './debianPackages.mjs';
import { toolsFolder } from './places.mjs';
import { step } from './step.mjs';

/** code-server 4.139 is VS Code 1.139 served to a browser; it runs on Node 24. */
const codeServerVersion = '4.139.1';
const nodeMajor = '24';

const folder = path.join(toolsFolder, 'editor');
const binFolder = path.join(folder, 'node_modules', '.bin');

/** Where the rig's Node and its entry script are once it has been built. */
export const editorRig = {
  node: path.join(binFolder, 'node'),
  entry: path.join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js'),
};

/** What its native modules are compiled with and against. */
const debianPackages = [
  'g++',
  'libkrb5-dev',
  'libsecret-1-dev',
  'libx11-dev',
  'libxkbfile-dev',
  'make',
  'pkg-config',
  'python3',
];

/**
 * A real VS Code outside the project's dependencies: built from npm packages once per machine in one to two minutes,
 * and again whenever it does not start.
 */
export async function ensureEditorRig() {
  await step('Test editor', {
    findDone: async () => ((await answers()) ? `code-server ${codeServerVersion}` : null),
    doing: `building code-server ${codeServerVersion}`,
    work: async () => {
      await installMissingPackages();
      await build();
      return `code-server ${codeServerVersion}`;
    },
  });
}

async function answers() {
  const { node, entry } = editorRig;
  const config = path.join(folder, 'config.yaml');
  const { exitCode, output } = await runCommand([node, entry, '--config', config, '--version']);
  return exitCode === 0 && output.includes(codeServerVersion);
}

async function installMissingPackages() {
  const query = ['dpkg-query', '--show', '--showformat', '${Package} ${db:Status-Status}\\n'];
  const { output } = await runCommand([...query, ...debianPackages]);
  const present = new Set(
    output
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map(firstWord),
  );
  const missing = debianPackages.filter((name) => !present.has(name));
  if (missing.length > 0) await installDebianPackages(missing, 'building the test editor');
}

async function build() {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  // The project installs without scripts; here the scripts do the building.
  const install = [...npm, 'install', '--no-audit', '--no-fund', '--ignore-scripts=false'];
  const remedy = 'Check that npm reaches its registry ("npm ping"), then run this again.';
  await runOrFail([...install, `node@${nodeMajor}`], { cwd: folder, remedy });
  await runOrFail([...install, `code-server@${codeServerVersion}`], {
    cwd: folder,
    // Native modules are compiled for the Node that is found first.
    env: { PATH: `${binFolder}${path.delimiter}${process.env.PATH}` },
    remedy,
  });
}

function firstWord(line) {
  return line.split(' ', 1)[0];
}
