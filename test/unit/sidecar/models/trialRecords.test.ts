import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileKeyOf } from '../../../../sidecar/storage/fileKey.ts';
import { TrialRecords } from '../../../../sidecar/models/trialRecords.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import type { TrialSubject } from '../../../../sidecar/storage/trialMemory.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const passed = { type: 'passed' } as const;
const quarantined = { type: 'quarantined', how: 'signal SIGABRT' } as const;

async function folderWithFile(): Promise<{ readonly store: string; readonly file: string }> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const file = path.join(folder.path, 'model.gguf');
  await writeFile(file, 'a model');
  return { store: path.join(folder.path, 'store'), file };
}

async function subjectOf(file: string, base: string | null = null): Promise<TrialSubject> {
  return {
    file: await fileKeyOf(file),
    base: base === null ? null : await fileKeyOf(base),
    release: '0.5.0',
  };
}

test('a verdict is found again by any process, and only for the same file', async () => {
  const { store, file } = await folderWithFile();
  const records = new TrialRecords(store, systemClock);
  const subject = await subjectOf(file);
  expect(await records.find(subject)).toBeNull();
  await records.keep(subject, passed);
  const others = new TrialRecords(store, systemClock);
  expect(await others.find(await subjectOf(file))).toEqual(passed);
  expect(await others.find({ ...subject, release: '0.6.0' })).toBeNull();
  expect(await others.find({ ...subject, base: subject.file })).toBeNull();
  // A number of a file on another disk names another file.
  expect(await others.find({ ...subject, file: { ...subject.file, device: '0' } })).toBeNull();
});

test.each<[string, (file: string) => Promise<void>]>([
  [
    'another file of the same size in its place',
    async (file) => {
      await writeFile(`${file}.new`, 'b model');
      await rename(`${file}.new`, file);
    },
  ],
  ['the same file written anew', (file) => writeFile(file, 'c model')],
  // It changes neither content nor modification time, and the change time all the same.
  ['the same file with other rights', (file) => chmod(file, 0o600)],
])('%s has another key', async (_what, change) => {
  const { store, file } = await folderWithFile();
  const records = new TrialRecords(store, systemClock);
  await records.keep(await subjectOf(file), quarantined);
  await change(file);
  expect(await records.find(await subjectOf(file))).toBeNull();
  // The later verdict takes the earlier one's place.
  await records.keep(await subjectOf(file), passed);
  expect(await records.list()).toHaveLength(1);
});

test('a released file is unknown, with what was tried on it still known', async () => {
  const { store, file } = await folderWithFile();
  const adapter = `${file}.adapter`;
  await writeFile(adapter, 'an adapter');
  const records = new TrialRecords(store, systemClock);
  await records.keep(await subjectOf(file), quarantined);
  await records.keep(await subjectOf(adapter, file), quarantined);
  expect(await records.release(file)).toBe(1);
  expect(await records.release(file)).toBe(0);
  expect(await records.find(await subjectOf(file))).toBeNull();
  expect(await records.find(await subjectOf(adapter, file))).toEqual(quarantined);
});

test('many writers lose nothing', async () => {
  const { store, file } = await folderWithFile();
  const { file: key } = await subjectOf(file);
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const subject = { file: { ...key, path: `${file}-${index}` }, base: null, release: '0.5.0' };
      return new TrialRecords(store, systemClock).keep(subject, passed);
    }),
  );
  expect(await new TrialRecords(store, systemClock).list()).toHaveLength(20);
});

test.each([
  ['no JSON', '{"version": 1, "trials": ['],
  ['another version', '{"version": 2, "trials": []}'],
  ['a record of another shape', '{"version": 1, "trials": [{"file": {"path": 1}}, null]}'],
])('a file with %s counts as empty, and is written anew', async (_what, text) => {
  const { store, file } = await folderWithFile();
  await mkdir(store);
  await writeFile(path.join(store, 'modelTrials.json'), text);
  const records = new TrialRecords(store, systemClock);
  expect(await records.list()).toEqual([]);
  await records.keep(await subjectOf(file), passed);
  expect(await records.find(await subjectOf(file))).toEqual(passed);
  expect(await readFile(path.join(store, 'modelTrials.json'), 'utf8')).toContain(file);
});
