import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkout } from '../machine/manifest.ts';
import { temporaryFolder, type TemporaryFolder } from '../machine/temporaryFolder.ts';

/** Far longer than any test waits. */
const sleepSeconds = 60;
/** What a blocked thread writes to standard error as its last words. */
export const asleep = 'now asleep in native code';

/** Environment variable with the path of a socket that such a sidecar keeps open as long as it lives. */
export const tetherVariable = 'ENTROPANE_TEST_TETHER';

/** Signal on which the main thread of such a sidecar sleeps, in a native call. */
export const sleepSignal = 'SIGUSR2';

/**
 * A folder of bundles, `dist/sidecar.cjs` and `dist/cli.cjs` among them, whose main thread goes to sleep in a native call at a signal, and whose
 * engine thread does so when it is to load a model.
 */
export async function drowsyBundles(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  const dist = path.join(folder.path, 'dist');
  await mkdir(dist);
  await symlink(path.join(checkout, 'node_modules'), path.join(folder.path, 'node_modules'));
  const bundles = {
    'sidecar.cjs': 'awakeSidecar.cjs',
    'engineThread.cjs': 'awakeEngine.cjs',
    'templateProgram.cjs': 'templateProgram.cjs',
    'watchdogThread.cjs': 'watchdogThread.cjs',
    'cli.cjs': 'cli.cjs',
    'statistics.wasm': 'statistics.wasm',
  };
  for (const [name, target] of Object.entries(bundles)) {
    await copyFile(path.join(checkout, 'dist', name), path.join(dist, target));
  }
  const sleep = `const sleep = () => {
      const library = process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6';
      const sleepNatively = require('koffi').load(library).func('uint sleep(uint)');
      require('node:fs').writeSync(2, ${JSON.stringify(`${asleep}\n`)});
      sleepNatively(${sleepSeconds});
    };`;
  await writeFile(
    path.join(dist, 'engineThread.cjs'),
    `${sleep}
    // There is none in the process of a trial load.
    require('node:worker_threads').parentPort?.on('message', ({ name }) => {
      if (name === 'model/load' && process.env.ENTROPANE_TEST_SLEEPY_LOADS) sleep();
    });
    require('./awakeEngine.cjs');`,
  );
  await writeFile(
    path.join(dist, 'sidecar.cjs'),
    `${sleep}
    process.on('${sleepSignal}', sleep);
    const tether = process.env.${tetherVariable};
    if (tether) require('node:net').connect(tether).unref();
    require('./awakeSidecar.cjs');`,
  );
  return folder;
}
