import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Kills the first process, and reports how long the second one outlives it. A zombie has ended. */
const program = `
const { readFileSync } = require('node:fs');
const [killedId, watchedId] = process.argv.slice(1).map(Number);
const pause = new Int32Array(new SharedArrayBuffer(4));
const isRunning = (id) => {
  try {
    const stat = readFileSync('/proc/' + id + '/stat', 'utf8');
    return !['Z', 'X'].includes(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3));
  } catch {
    return false;
  }
};
process.kill(killedId, 'SIGKILL');
while (isRunning(killedId)) Atomics.wait(pause, 0, 0, 5);
const killedAt = performance.now();
while (isRunning(watchedId) && performance.now() - killedAt < 60000) Atomics.wait(pause, 0, 0, 5);
process.stdout.write(String(performance.now() - killedAt));
`;

/**
 * Kills a process and measures, in milliseconds, how long another one lives after it. A process of its own looks, so that a
 * slow test does not count. Linux alone.
 */
export async function lifeAfterKill(killedId: number, watchedId: number): Promise<number> {
  const reaper = spawn(process.execPath, ['-e', program, String(killedId), String(watchedId)]);
  let output = '';
  reaper.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(reaper, 'close');
  if (output === '') throw new Error('The reaper ended without a measurement.');
  return Number(output);
}
