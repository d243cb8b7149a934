import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../sidecar/process/clock.ts';
import { TraceStore } from '../../sidecar/trace/traceStore.ts';
import { asleep, drowsyBundles, sleepSignal, tetherVariable } from '../support/sidecar/blockedSidecar.ts';
import { SidecarProcess, type RunningQuestion } from '../support/sidecar/sidecarProcess.ts';
import { lifeAfterKill } from '../support/sidecar/lifeAfter.ts';
import type { TemporaryFolder } from '../support/machine/temporaryFolder.ts';

const smol = { model: 'smollm2-135m', contextTokens: 2048 } as const;
/** What is promised from the parent's end to that of the sidecar. */
const promisedMs = 5_000;
/** How long a test waits for an end whose time it does not measure. */
const endsWithinMs = 5_000 + 3_000;
const sleepyLoads = { ENTROPANE_TEST_SLEEPY_LOADS: '1' };

/** Kills the parent and checks that the sidecar keeps the promise. */
async function expectTimelyEnd(parent: ChildProcess, sidecar: ChildProcess): Promise<void> {
  if (parent.pid === undefined || sidecar.pid === undefined) throw new Error('Both processes run.');
  expect(await lifeAfterKill(parent.pid, sidecar.pid)).toBeLessThan(promisedMs);
}

/** A process to be watched as the client's own, which lives until it is killed. */
async function stranger(): Promise<ChildProcessWithoutNullStreams> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' });
  await once(child, 'spawn');
  return child;
}

describe('a sidecar whose parent is killed', () => {
  let bundles: TemporaryFolder;
  let sidecarPath: string;
  beforeAll(async () => {
    bundles = await drowsyBundles();
    sidecarPath = path.join(bundles.path, 'dist/sidecar.cjs');
  });
  afterAll(() => bundles[Symbol.asyncDispose]());

  test('ends while its main thread is in a native call', async () => {
    const parent = await stranger();
    await using sidecar = new SidecarProcess({ settings: smol, sidecarPath });
    await sidecar.initialize(parent.pid ?? null);
    sidecar.child.kill(sleepSignal);
    await sidecar.until(() => sidecar.stderr.includes(asleep), 'its sleep');
    await expectTimelyEnd(parent, sidecar.child);
    expect(await sidecar.whenExited(endsWithinMs)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('ends while a model load keeps its engine thread in a native call', async () => {
    const parent = await stranger();
    await using sidecar = new SidecarProcess({ settings: smol, sidecarPath, environment: sleepyLoads });
    await sidecar.initialize(parent.pid ?? null);
    await sidecar.until(() => sidecar.stderr.includes(asleep), 'its sleep');
    await expectTimelyEnd(parent, sidecar.child);
  });

  test('ends before anybody has initialized it, by its parent alone', async () => {
    // The parent starts the sidecar with pipes that outlive it, has its main thread sleep, and is killed.
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const { spawn } = require('node:child_process');
        const child = spawn(process.execPath, [process.argv[1]], { stdio: [0, 'ignore', 2] });
        setInterval(() => child.kill('${sleepSignal}'), 500);`,
        sidecarPath,
      ],
      { stdio: 'pipe' },
    );
    const sleeping = once(parent.stderr.setEncoding('utf8'), 'data');
    expect(String((await sleeping)[0])).toContain(asleep);
    parent.kill('SIGKILL');
    // Its standard error closes when the last process that has it open is gone.
    const gone = once(parent.stderr, 'close');
    parent.stderr.resume();
    await expect(Promise.race([gone, overdue()])).resolves.toBeDefined();
  });

  test('ends with the command line that started it, in the middle of a model load', async () => {
    const tether = path.join(bundles.path, 'tether');
    const server = createServer();
    server.listen(tether);
    await once(server, 'listening');
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const asking = [path.join(bundles.path, 'dist/cli.cjs'), 'ask', 'Hi.', '--model', smol.model, '--log'];
    const commandLine = spawn(process.execPath, asking, {
      stdio: 'pipe',
      env: { ...process.env, ...sleepyLoads, [tetherVariable]: tether },
    });
    const [socket] = await connected;
    let notes = '';
    for await (const chunk of commandLine.stderr.setEncoding('utf8')) {
      notes += String(chunk);
      if (notes.includes(asleep)) break;
    }
    expect(notes).toContain(asleep);
    commandLine.kill('SIGKILL');
    await Promise.race([once(socket.resume(), 'close'), overdue()]);
    server.close();
  });

  test('ends in order where its threads are free: the trace has its last event', async () => {
    const parent = await stranger();
    await using sidecar = new SidecarProcess({ settings: smol, sidecarPath });
    await sidecar.initialize(parent.pid ?? null);
    await sidecar.whenHealth('ready');
    // Eight thoughts that all run to their ends take seconds; a single answer may be over before the parent is.
    const asked = sidecar.ask({
      question: 'Count from one to ten thousand.',
      strategy: 'selfConsistency',
      candidates: 8,
      earlyStopping: { consensus: 'off' },
    });
    asked.result.catch(() => undefined);
    await asked.whenEvent('tokens/appended');
    await expectTimelyEnd(parent, sidecar.child);
    expect(await lastEventOf(asked)).toMatchObject({ type: 'request/finished', reason: 'cancelled' });
  });
});

describe('a sidecar that is told to end while its engine thread is in a native call', () => {
  let bundles: TemporaryFolder;
  beforeAll(async () => {
    bundles = await drowsyBundles();
  });
  afterAll(() => bundles[Symbol.asyncDispose]());

  test.each([
    ['by its client', 'exit'],
    ['by a signal', 'SIGTERM'],
    ['by the end of its input', 'end'],
  ] as const)('%s: does not wait for that call', async (_how, how) => {
    const sidecarPath = path.join(bundles.path, 'dist/sidecar.cjs');
    await using sidecar = new SidecarProcess({ settings: smol, sidecarPath, environment: sleepyLoads });
    await sidecar.initialize();
    await sidecar.until(() => sidecar.stderr.includes(asleep), 'its sleep');
    if (how === 'exit') await sidecar.connection.sendNotification('exit');
    else if (how === 'end') sidecar.child.stdin.end();
    else sidecar.child.kill(how);
    expect(await sidecar.whenExited(endsWithinMs)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(sidecar.stderr).toContain('ends by force');
  });
});

function overdue(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Error(`The sidecar lives ${endsWithinMs} ms after its parent.`));
    }, endsWithinMs).unref();
  });
}

async function lastEventOf({ events: [first] }: RunningQuestion) {
  if (first?.type !== 'request/started') throw new Error('The first event names the request.');
  const folder = path.join(process.env.ENTROPANE_HOME ?? '', 'traces');
  const traces = new TraceStore(folder, { files: 100, completionFiles: 100, bytes: 1e9 }, systemClock);
  return (await traces.read(first.requestId)).at(-1);
}
