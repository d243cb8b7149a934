// `npm run package`: sets up what is missing and packages the VSIX of this machine, or with `--target NAME` or
// `--target all` those of other platforms. Prints their paths, one a line and nothing else, on stdout.
import { buildBundles } from './setup/bundles.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { installLlamaLibrary } from './setup/llamaLibrary.mjs';
import { runProgram } from './setup/runProgram.mjs';
import { packageVsix } from './vsix/packageVsix.mjs';
import { chosenTargets } from './vsix/vsixTargets.mjs';

await runProgram(async () => {
  const targets = chosenTargets(process.argv.slice(2));
  await installDependencies();
  if (targets.length === 0) await installLlamaLibrary();
  await buildBundles();
  for (const target of targets.length === 0 ? [null] : targets) {
    process.stdout.write(`${await packageVsix(target)}\n`);
  }
  return 0;
});
