// `npm start`: sets up whatever is missing, then runs the command line. Imports nothing from node_modules, because
// on a fresh checkout there are none.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { buildBundles } from './setup/bundles.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { installLlamaLibrary } from './setup/llamaLibrary.mjs';
import { compareWithLarger, defaultModelName, fetchModel } from './setup/models.mjs';
import { root } from './setup/places.mjs';
import { runProgram } from './setup/runProgram.mjs';
import { startCommand } from './setup/startCommand.mjs';

const args = process.argv.slice(2);
const isHelp = args.includes('--help') || args.includes('-h');

const nextSteps = `
Next:
  npm run -s entropane -- ask "Your question"
  npm run vscode    # the extension in VS Code
`;

await runProgram(async () => {
  await installDependencies();
  await installLlamaLibrary();
  await buildBundles();
  const model = chosenModel() ?? (await defaultModelName());
  if (!isPath(model)) {
    await fetchModel(model);
    await compareWithLarger(model);
  }
  const command = startCommand(args);
  const code = await runCli(command);
  if (code === 0 && command[0] === 'demo' && !isHelp) process.stderr.write(nextSteps);
  return code;
});

function chosenModel() {
  const joined = args.find((arg) => arg.startsWith('--model='));
  if (joined !== undefined) return joined.slice('--model='.length);
  const at = args.indexOf('--model');
  return at < 0 ? null : (args[at + 1] ?? null);
}

function isPath(model) {
  return existsSync(model) || model.includes('\\') || /^[./~]/.test(model);
}

/** The command line in place of this process: its streams, its keys, its exit code. */
function runCli(cliArgs) {
  // Ctrl-C reaches both; the command line decides how to end, and this process ends with it.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(root, 'dist', 'cli.cjs'), ...cliArgs], {
      stdio: 'inherit',
    });
    child.on('close', (code) => {
      resolve(code ?? 1);
    });
  });
}
