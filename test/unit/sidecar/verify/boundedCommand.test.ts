import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { type CommandLimits, runBounded } from '../../../../sidecar/verify/boundedCommand.ts';
import type { Isolation } from '../../../../sidecar/verify/confinement/sandbox.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { asHere, unconfined } from '../../../support/verify/isolation.ts';
import { ampleLimits } from '../../../support/machine/ampleLimits.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const node = `"${process.execPath}"`;

async function runIn(isolation: Isolation, command: string, limits: Partial<CommandLimits> = {}) {
  await using folder = await temporaryFolder();
  const options = {
    folder: folder.path,
    limits: { ...ampleLimits, ...limits },
    environment: { GIVEN: 'so it is' },
    isolation,
    clock: systemClock,
  };
  const result = await runBounded(command, options, new AbortController().signal);
  return { ...result, left: processesIn(folder.path) };
}

/** Processes whose environment names the folder: nothing that a command started may outlive it. */
function processesIn(folder: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/u.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/environ`, 'utf8').includes(folder) && !isDead(name);
    } catch {
      return false;
    }
  });
}

function isDead(name: string): boolean {
  return / [ZX] /u.test(readFileSync(`/proc/${name}/stat`, 'utf8').split(')').at(-1) ?? '');
}

describe.skipIf(process.platform === 'win32').each([
  ['without a sandbox', unconfined],
  ['in the sandbox of this machine, where it has one', asHere],
])('a command %s', (_, isolation) => {
  const run = (command: string, limits: Partial<CommandLimits> = {}) => runIn(isolation, command, limits);

  test('that ends well has passed, and what it wrote is kept', async () => {
    const result = await run('echo out; echo err >&2; echo "$GIVEN"; pwd');
    expect(result).toMatchObject({ outcome: 'passed', exitCode: 0, left: [] });
    expect(result.output).toContain('out');
    expect(result.output).toContain('err');
    expect(result.output).toContain('so it is');
  });

  test('that ends with an exit code has failed', async () => {
    expect(await run('echo "1 failed"; exit 3')).toMatchObject({
      outcome: 'failed',
      exitCode: 3,
      output: '1 failed',
    });
  });

  test('that does not exist has failed, with the words of the shell', async () => {
    const result = await run('no-such-command-anywhere');
    expect(result).toMatchObject({ outcome: 'failed', exitCode: 127 });
    expect(result.output).toContain('no-such-command-anywhere');
  });

  test('that hangs is killed at its time, and all that it started with it', async () => {
    const result = await run('sleep 600 & sleep 600 | sleep 600', { timeoutMs: 400 });
    expect(result).toMatchObject({ outcome: 'timedOut', exitCode: null, left: [] });
    expect(result.durationMs).toBeLessThan(5000);
  });

  test('that ignores every signal it can is killed all the same', async () => {
    const command = `${node} -e "for (const s of ['SIGTERM','SIGINT','SIGHUP']) process.on(s, () => {}); setInterval(() => {}, 1e6)"`;
    expect(await run(command, { timeoutMs: 800 })).toMatchObject({ outcome: 'timedOut', left: [] });
  });

  test('that leaves a process in the background does not leave it behind, nor wait for it', async () => {
    const result = await run('sleep 600 & echo done');
    expect(result).toMatchObject({ outcome: 'passed', output: 'done', left: [] });
    expect(result.durationMs).toBeLessThan(5000);
  });

  test.runIf(process.platform === 'linux')('cannot hide a process in a session of its own', async () => {
    const detach =
      "require('child_process').spawn('sleep', ['600'], {detached: true, stdio: 'inherit'}).unref(); process.exit(0)";
    expect(await run(`${node} -e "${detach}"`)).toMatchObject({ outcome: 'passed', left: [] });
  });

  test('that prints a gigabyte is killed early, and only both ends of it are kept', async () => {
    const result = await run('echo beginning; yes entropane | head -c 1000000000');
    expect(result).toMatchObject({ outcome: 'outputExceeded', left: [] });
    expect(result.output.length).toBeLessThan(6000);
    expect(result.output).toMatch(/^beginning\nentropane\n/u);
    expect(result.output).toContain('bytes left out');
  });

  test.runIf(process.platform === 'linux')('that forks without end is killed as a whole', async () => {
    const result = await run('i=0; while [ $i -lt 500 ]; do sleep 600 & i=$((i+1)); done; wait', {
      processCount: 32,
    });
    expect(result).toMatchObject({ outcome: 'processesExceeded', left: [] });
  });

  test.runIf(process.platform === 'linux')('that takes all memory is killed', async () => {
    const greedy = 'const a = []; setInterval(() => a.push(Buffer.alloc(16 * 2 ** 20, 1)), 10)';
    const result = await run(`${node} -e "${greedy}"`, { memoryBytes: 256 * 2 ** 20 });
    expect(result).toMatchObject({ outcome: 'memoryExceeded', left: [] });
  });

  test('that fills the disk is killed', async () => {
    const command =
      'i=0; while [ $i -lt 64 ]; do head -c 1000000 /dev/zero > f$i; i=$((i+1)); done; sleep 600';
    expect(await run(command, { diskBytes: 2 ** 23 })).toMatchObject({ outcome: 'diskExceeded', left: [] });
  });

  test('that makes files without end is killed, as small as they may be', async () => {
    const command = 'i=0; while [ $i -lt 512 ]; do : > f$i; i=$((i+1)); done; sleep 600';
    expect(await run(command, { diskBytes: 2 ** 20 })).toMatchObject({ outcome: 'diskExceeded', left: [] });
  });

  test.runIf(existsSync('/dev/shm'))('that fills a folder in memory has that counted as memory', async () => {
    const folder = await mkdtemp('/dev/shm/entropane-test-');
    try {
      const limits = { ...ampleLimits, memoryBytes: 2 ** 25 };
      const command = 'head -c 40000000 /dev/zero > file; sleep 600';
      const result = await runBounded(
        command,
        { folder, limits, environment: {}, isolation, clock: systemClock },
        unhurried,
      );
      expect(result.outcome).toBe('memoryExceeded');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('that is cancelled is killed, and one that was cancelled before never starts', async () => {
    await using folder = await temporaryFolder();
    const cancellation = new AbortController();
    const options = {
      folder: folder.path,
      limits: ampleLimits,
      environment: {},
      isolation,
      clock: systemClock,
    };
    // Its first file says that it runs.
    const watcher = watch(folder.path, () => {
      cancellation.abort();
    });
    const result = await runBounded('touch started; sleep 600', options, cancellation.signal);
    watcher.close();
    expect(result).toMatchObject({ outcome: 'cancelled', exitCode: null });
    expect(processesIn(folder.path)).toEqual([]);
    await runBounded('touch again', options, cancellation.signal);
    expect(readdirSync(folder.path)).toEqual(['started']);
  });

  test('cannot run in a folder that is not there', async () => {
    const options = {
      folder: '/no/such/folder',
      limits: ampleLimits,
      environment: {},
      isolation,
      clock: systemClock,
    };
    const result = await runBounded('true', options, new AbortController().signal);
    expect(result.outcome).toBe('notStarted');
    expect(result.output).not.toBe('');
  });

  test('takes as long as the clock says that is given', async () => {
    await using folder = await temporaryFolder();
    let nowMs = 0;
    const clock = { now: () => (nowMs += 100_000) };
    const options = { folder: folder.path, limits: ampleLimits, environment: {}, isolation, clock };
    const { outcome, durationMs } = await runBounded('true', options, new AbortController().signal);
    expect(outcome).toBe('passed');
    expect(durationMs).toBeGreaterThanOrEqual(100_000);
  });
});

describe.skipIf(process.platform === 'win32')('a command without a sandbox', () => {
  test('cannot write one large file anywhere', async () => {
    await using elsewhere = await temporaryFolder();
    const file = `${elsewhere.path}/large`;
    const result = await runIn(unconfined, `head -c 64000000 /dev/zero > ${file}`, { diskBytes: 2 ** 23 });
    expect(result.outcome).toBe('failed');
    expect((await stat(file)).size).toBeLessThanOrEqual(2 ** 24);
  });
});
