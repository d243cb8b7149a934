import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { everyByte } from '../../../../../../sidecar/engine/llama/trial/trialText.ts';
import { runTrialProcess } from '../../../../../../sidecar/engine/llama/trial/trialProcess.ts';
import { unhurried } from '../../../../../support/engine/generating.ts';
import { temporaryFolder } from '../../../../../support/machine/temporaryFolder.ts';

const task = { path: '/nowhere/model.gguf', adapterPath: null, limitMs: 60_000 };
const say = (message: object): string =>
  `process.stdout.write(${JSON.stringify(`${JSON.stringify(message)}\n`)});`;
const started = say({ trial: 'started' });
const forever = 'setInterval(() => undefined, 1000);';

/** Runs a program in the place of the engine's bundle. */
async function outcomeOf(program: string, options: { limitMs?: number; signal?: AbortSignal } = {}) {
  await using folder = await temporaryFolder();
  await writeFile(path.join(folder.path, 'engineThread.cjs'), program);
  const limitMs = options.limitMs ?? task.limitMs;
  return await runTrialProcess(folder.path, { ...task, limitMs }, options.signal ?? unhurried);
}

describe('how a trial process ended', () => {
  test('it says that the file passed, however it ends afterwards', async () => {
    // The editor's own program is a Node only when it is asked to be.
    const passed = `if (process.env.ELECTRON_RUN_AS_NODE === '1') ${say({ trial: 'passed' })}`;
    const program = `${started}${passed}process.exitCode = 1;`;
    expect(await outcomeOf(program)).toEqual({ type: 'passed' });
  });

  test('it refuses the file with a code', async () => {
    const error = { code: 'model.unsupported', message: 'No.', remedy: 'Another.' };
    expect(await outcomeOf(`${started}${say({ trial: 'refused', error })}`)).toEqual({
      type: 'refused',
      error,
    });
  });

  test('it dies of the file, with the last words of the library', async () => {
    const words = '/home/builder/llama.cpp/src/llama-vocab.cpp:2539: GGML_ASSERT(a == b) failed\n';
    const program = `${started}process.stderr.write(${JSON.stringify(words)}, () => process.abort());`;
    expect(await outcomeOf(program)).toEqual({
      type: 'crashed',
      how: 'signal SIGABRT: llama-vocab.cpp:2539: GGML_ASSERT(a == b) failed',
    });
    expect(await outcomeOf(`${started}process.exit(3);`)).toEqual({ type: 'crashed', how: 'exit code 3' });
    // An end without an answer is none.
    expect(await outcomeOf(started)).toMatchObject({ type: 'crashed' });
  });

  test('it is ended by somebody else, or before it comes to the file', async () => {
    const ended = `${started}process.kill(process.pid, 'SIGTERM');${forever}`;
    expect(await outcomeOf(ended)).toMatchObject({ type: 'notTried' });
    const killed = `${started}process.kill(process.pid, 'SIGKILL');${forever}`;
    expect(await outcomeOf(killed)).toEqual({ type: 'killed', how: 'signal SIGKILL' });
    expect(await outcomeOf('process.abort();')).toMatchObject({ type: 'notTried' });
  });

  test('it hangs', async () => {
    // Long enough for any machine to start a process, which then says that it has.
    expect(await outcomeOf(`${started}${forever}`, { limitMs: 2500 })).toEqual({ type: 'hung' });
  });

  test('it is killed when it is no longer wanted', async () => {
    const controller = new AbortController();
    const outcome = outcomeOf(`${started}${forever}`, { signal: controller.signal });
    controller.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'cancelled' });
  });
});

test('the text of a trial has every byte of UTF-8', () => {
  const never = new Set([0xc0, 0xc1, ...Array.from({ length: 11 }, (_, index) => 0xf5 + index)]);
  const every = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !never.has(byte));
  expect([...new Set(Buffer.from(everyByte(), 'utf8'))].toSorted((a, b) => a - b)).toEqual(every);
});
