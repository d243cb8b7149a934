import { appendFile, realpath, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FileTrials, trialLimitMs } from '../../../../../../sidecar/engine/llama/trial/fileTrials.ts';
import type { TrialOutcome, TrialTask } from '../../../../../../sidecar/engine/llama/trial/trialProcess.ts';
import { TrialRecords } from '../../../../../../sidecar/models/trialRecords.ts';
import { systemClock } from '../../../../../../sidecar/process/clock.ts';
import { temporaryFolder } from '../../../../../support/machine/temporaryFolder.ts';
import { tinyModelBytes } from '../../../../../support/modelFiles/tinyModel.ts';
import { unhurried } from '../../../../../support/engine/generating.ts';

const crashed = { type: 'crashed', how: 'signal SIGABRT: an assertion' } as const;

interface TrialSetting {
  readonly isPinned?: boolean;
  /** Runs during each trial. */
  readonly meanwhile?: (file: string, trial: number) => Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

/** Trials that end as they are told to, in order, and a model file to try. */
async function trialsThatEnd(
  outcomes: readonly TrialOutcome[],
  { isPinned = false, meanwhile = nothing }: TrialSetting = {},
) {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const file = path.join(await realpath(folder.path), 'model.gguf');
  await writeFile(file, tinyModelBytes({}));
  const tasks: TrialTask[] = [];
  const store = path.join(folder.path, 'store');
  const make = () =>
    new FileTrials({
      memory: () => new TrialRecords(store, systemClock),
      isPinned: () => Promise.resolve(isPinned),
      run: async (task) => {
        const outcome = outcomes[tasks.length] ?? { type: 'notTried', how: 'no more outcomes' };
        tasks.push(task);
        await meanwhile(file, tasks.length);
        return outcome;
      },
      log: () => undefined,
    });
  const trials = make();
  const admit = (by = trials): Promise<unknown> =>
    by.admit({ path: file, adapterPath: null }, unhurried).then(
      () => null,
      (thrown: unknown) => (thrown instanceof Error && 'code' in thrown ? thrown.code : thrown),
    );
  return { file, trials, tasks, make, admit, store };
}

test('a file is tried once, by whichever process loads it first', async () => {
  const { admit, make, tasks } = await trialsThatEnd([{ type: 'passed' }]);
  expect(await Promise.all([admit(), admit()])).toEqual([null, null]);
  expect(await admit(make())).toBeNull();
  expect(tasks).toHaveLength(1);
});

test('a file that ends its process is refused from then on, until it is released or replaced', async () => {
  const outcomes = [crashed, { type: 'hung' }, { type: 'passed' }] as const;
  const { file, trials, admit, make, tasks, store } = await trialsThatEnd(outcomes);
  expect(await admit()).toBe('model.quarantined');
  expect(await admit(make())).toBe('model.quarantined');
  expect(tasks).toHaveLength(1);
  const refusal = await trials.refusalOf(file);
  expect(refusal?.message).toContain(crashed.how);
  expect(refusal?.remedy).toContain(`models release ${file}`);

  await new TrialRecords(store, systemClock).release(file);
  expect(await admit()).toBe('model.quarantined');
  expect(tasks).toHaveLength(2);

  await writeFile(`${file}.new`, tinyModelBytes({}));
  await rename(`${file}.new`, file);
  expect(await trials.refusalOf(file)).toBeNull();
  expect(await admit()).toBeNull();
  expect(tasks).toHaveLength(3);
});

test('what says nothing of the file is not remembered', async () => {
  const error = { code: 'model.unsupported', message: 'No.', remedy: 'Another.' } as const;
  const { admit, tasks } = await trialsThatEnd([
    { type: 'notTried', how: 'exit code 1' },
    { type: 'refused', error },
    { type: 'passed' },
  ]);
  expect(await admit()).toBe('engine.failed');
  expect(await admit()).toBe('model.unsupported');
  expect(await admit()).toBeNull();
  expect(tasks).toHaveLength(3);
});

test('a file whose bytes are known is not tried, nor one whose header is refused', async () => {
  const pinned = await trialsThatEnd([crashed], { isPinned: true });
  expect(await pinned.admit()).toBeNull();
  const damaged = await trialsThatEnd([crashed]);
  await writeFile(damaged.file, 'no model');
  expect(await damaged.admit()).toBe('model.unreadable');
  expect([...pinned.tasks, ...damaged.tasks]).toEqual([]);
});

test('a file that changes during its trial is tried again, and no verdict is kept for what was not tried', async () => {
  const replaced = await trialsThatEnd([{ type: 'passed' }, crashed], {
    meanwhile: (file, trial) => (trial === 1 ? appendFile(file, 'more') : nothing()),
  });
  expect(await replaced.admit()).toBe('model.quarantined');
  expect(replaced.tasks).toHaveLength(2);

  const passed = { type: 'passed' } as const;
  const growing = await trialsThatEnd([passed, passed, passed, passed], {
    meanwhile: (file) => appendFile(file, 'more'),
  });
  expect(await growing.admit()).toBe('engine.failed');
  expect(growing.tasks).toHaveLength(3);
});

test('a trial that is killed says nothing of the file until the same file is killed again', async () => {
  const killed = { type: 'killed', how: 'signal SIGKILL' } as const;
  const innocent = await trialsThatEnd([killed, { type: 'passed' }]);
  expect(await innocent.admit()).toBe('engine.failed');
  expect(await innocent.trials.refusalOf(innocent.file)).toBeNull();
  expect(await innocent.admit(innocent.make())).toBeNull();
  const guilty = await trialsThatEnd([killed, killed]);
  expect(await guilty.admit()).toBe('engine.failed');
  expect(await guilty.admit(guilty.make())).toBe('model.quarantined');
  expect(await guilty.admit()).toBe('model.quarantined');
  expect(guilty.tasks).toHaveLength(2);
});

test('one that is not there is left to the load', async () => {
  const { trials, tasks } = await trialsThatEnd([crashed]);
  await trials.admit({ path: '/nowhere/model.gguf', adapterPath: null }, unhurried);
  expect(tasks).toEqual([]);
});

test('the limit grows with the file', () => {
  expect(trialLimitMs(0)).toBe(60_000);
  expect(trialLimitMs(16e9)).toBe(1_060_000);
});
