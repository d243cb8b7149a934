import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../setup/command.mjs';
import { installDebianPackages } from '../setup/debianPackages.mjs';
import { runNpm } from '../setup/npm.mjs';
import { toolsFolder } from '../setup/places.mjs';
import { step } from '../setup/step.mjs';

/** code-server 4.139 is VS Code 1.139 served to a browser; it runs on Node 24. */
const codeServerVersion = '4.139.1';
const nodeMajor = '24';

const folder = path.join(toolsFolder, 'editor');
/** Written last: holds the version that was built whole. */
const builtMark = path.join(folder, 'built');
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
      await installDebianPackages(await missingEditorPackages(), 'building the test editor');
      await build();
      return `code-server ${codeServerVersion}`;
    },
  });
}

async function answers() {
  const { node, entry } = editorRig;
  // A build that was cut off, or is still going on, may answer too.
  const built = await readFile(builtMark, 'utf8').catch(() => null);
  if (built !== codeServerVersion) return false;
  const config = path.join(folder, 'config.yaml');
  const { exitCode, output } = await runCommand([node, entry, '--config', config, '--version']);
  return exitCode === 0 && output.includes(codeServerVersion);
}

/** Debian packages that building the rig still needs here; none once it has been built. */
export async function missingEditorPackages() {
  if (await answers()) return [];
  const query = ['dpkg-query', '--show', '--showformat', '${Package} ${db:Status-Status}\\n'];
  const { stdout } = await runCommand([...query, ...debianPackages]);
  const present = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map(firstWord),
  );
  return debianPackages.filter((name) => !present.has(name));
}

async function build() {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  // The project installs without scripts; here the scripts do the building.
  const install = ['install', '--ignore-scripts=false'];
  await runNpm([...install, `node@${nodeMajor}`], { cwd: folder });
  await runNpm([...install, `code-server@${codeServerVersion}`], {
    cwd: folder,
    // Native modules are compiled for the Node that npm runs on, or else for the one that is found first.
    node: editorRig.node,
    env: { PATH: `${binFolder}${path.delimiter}${process.env.PATH}` },
  });
  await writeFile(builtMark, codeServerVersion);
}

function firstWord(line) {
  return line.split(' ', 1)[0];
}
