// Sets up what is missing and packages the VSIX. Prints its path, alone, on stdout.
import { buildBundles } from './setup/bundles.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { installLlamaLibrary } from './setup/llamaLibrary.mjs';
import { runProgram } from './setup/runProgram.mjs';
import { packageVsix } from './vsix/packageVsix.mjs';

await runProgram(async () => {
  await installDependencies();
  await installLlamaLibrary();
  await buildBundles();
  process.stdout.write(`${await packageVsix()}\n`);
  return 0;
});
