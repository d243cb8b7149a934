import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { type CommandLimits, runBounded } from '../../../../sidecar/verify/boundedCommand.ts';
import { CommandProcesses } from '../../../../sidecar/verify/commandProcesses.ts';
import { listedTable } from '../../../../sidecar/verify/processTable.ts';
import { unconfined } from '../../../support/verify/isolation.ts';
import { ampleLimits } from '../../../support/machine/ampleLimits.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

/** Hands itself over to a session of its own, again and again, and ends: nothing of it lives longer than a moment. */
const chain = 'setsid sh "$0" "$1" &\n';

let runCount = 0;

/** Runs a command that can name what it starts by `$NAME`, and looks for processes with that name afterwards. */
async function run(command: string, limits: Partial<CommandLimits> = {}) {
  await using folder = await temporaryFolder();
  const name = `600.${process.pid}${runCount++}`;
  await writeFile(path.join(folder.path, 'chain.sh'), chain);
  const options = {
    folder: folder.path,
    limits: { ...ampleLimits, ...limits },
    environment: { NAME: name },
    isolation: unconfined,
    clock: systemClock,
  };
  const result = await runBounded(command, options, new AbortController().signal);
  return { ...result, left: alive(name) };
}

/** Looks often, since a chain is seen only where a look falls between two of its links. */
function alive(name: string): readonly string[] {
  const looks = Array.from({ length: 50 }, () => readdirSync('/proc').filter((id) => isNamed(id, name)));
  return looks.flat();
}

function isNamed(id: string, name: string): boolean {
  if (!/^\d+$/u.test(id)) return false;
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(name);
  } catch {
    return false;
  }
}

describe.skipIf(process.platform === 'win32')('where only `ps` tells of processes', () => {
  test('those of a group of their own are found by their parent, and in later looks without it', async () => {
    // A shell with job control gives each job a group.
    const command = 'set -m; sleep 600 & echo started; wait';
    const child = spawn('sh', ['-c', command], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    const processes = new CommandProcesses(child.pid ?? 0, {
      sign: { folder: '/none', variable: 'NONE=' },
      clock: systemClock,
      table: listedTable,
    });
    expect(processes.use()?.processCount).toBe(2);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(processes.use()?.processCount).toBe(1);
    await processes.end();
    expect(processes.use()).toEqual({ processCount: 0, memoryBytes: 0 });
  });
});

describe.runIf(process.platform === 'linux')('a process in a session of its own', () => {
  test('has its memory counted', async () => {
    const greedy = 'const a = []; setInterval(() => a.push(Buffer.alloc(16 * 2 ** 20, 1)), 10)';
    const result = await run(`setsid --wait "${process.execPath}" -e "${greedy}" $NAME`, {
      memoryBytes: 256 * 2 ** 20,
    });
    expect(result).toMatchObject({ outcome: 'memoryExceeded', left: [] });
  });

  test('is counted', async () => {
    const result = await run(
      'for i in 1 2 3 4 5; do for k in 1 2 3 4 5; do setsid sleep $NAME & done; done; wait',
      {
        processCount: 16,
      },
    );
    expect(result).toMatchObject({ outcome: 'processesExceeded', left: [] });
  });

  test('does not outlive the command by replacing itself, not even with others', async () => {
    const command = 'for i in 1 2 3 4 5 6 7 8; do setsid sh ./chain.sh $NAME & done; sleep 0.3';
    expect(await run(command)).toMatchObject({ outcome: 'passed', left: [] });
  });

  test('does not outlive it without its environment', async () => {
    expect(await run('env -i setsid sleep $NAME & echo done')).toMatchObject({ outcome: 'passed', left: [] });
  });

  test('does not outlive it in another folder once it was seen', async () => {
    const command = '(cd / && exec env -i setsid sleep $NAME) & sleep 0.5';
    expect(await run(command)).toMatchObject({ outcome: 'passed', left: [] });
  });
});
