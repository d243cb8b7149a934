import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { FetchProgress } from '../../../../protocol/messages.ts';
import { type HubBehaviour, type HubServer, startHubServer } from '../../../support/download/hubServer.ts';
import { smallStore, unknownContent, unknownModel } from '../../../support/download/modelSource.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;
const silent = (): void => undefined;
const serve: readonly HubBehaviour[] = [{ type: 'serve' }];

let folder = '';
let models = '';

beforeEach(async () => {
  const temporary = await temporaryFolder();
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  folder = path.join(temporary.path, 'store');
  models = path.join(folder, 'models');
});

async function hub(
  behaviours: readonly HubBehaviour[],
  {
    content = unknownContent,
    etag = null,
  }: { readonly content?: Buffer; readonly etag?: (() => string) | null } = {},
): Promise<HubServer> {
  const server = await startHubServer(content, behaviours, { etag });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function storeOf(endpoint: string) {
  return smallStore({ storePath: folder, hubEndpoint: endpoint, catalogue: [unknownModel] });
}

describe('a model of unknown size and hash', () => {
  test('is listed without a size, fetched with the one that the hub says, and recorded', async () => {
    const store = storeOf((await hub(serve)).endpoint);
    expect((await store.list())[0]).toMatchObject({ sizeBytes: null, verified: false });
    const progress: FetchProgress[] = [];
    const model = await store.fetch('unknown', (each) => progress.push(each), never);
    expect(model).toMatchObject({ verified: true, sizeBytes: unknownContent.length });
    expect(progress[0]).toMatchObject({ phase: 'download', totalBytes: null });
    expect(progress.find(({ phase, doneBytes }) => phase === 'download' && doneBytes > 0)).toMatchObject({
      totalBytes: unknownContent.length,
    });
    expect(await readdir(models)).toEqual(['unknown.gguf']);
    const { sha256, expectedSha256 } = await store.verify('unknown', silent, never);
    expect(expectedSha256).toBe(sha256);
  });

  test('is fetched from a hub that says no size at all', async () => {
    const store = storeOf((await hub([{ type: 'noLength' }])).endpoint);
    expect((await store.fetch('unknown', silent, never)).sizeBytes).toBe(unknownContent.length);
  });

  test('must be the same when it is fetched again', async () => {
    const other = Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(20_000, 8)]);
    await storeOf((await hub(serve)).endpoint).fetch('unknown', silent, never);
    await storeOf('http://127.0.0.1:9').remove('unknown');
    const changed = storeOf((await hub(serve, { content: other })).endpoint);
    await expect(changed.fetch('unknown', silent, never)).rejects.toMatchObject({ code: 'download.corrupt' });
    expect(await readdir(models)).toEqual([]);
    const longer = storeOf((await hub(serve, { content: Buffer.concat([other, other]) })).endpoint);
    await expect(longer.fetch('unknown', silent, never)).rejects.toMatchObject({ code: 'download.failed' });
    expect((await storeOf((await hub(serve)).endpoint).fetch('unknown', silent, never)).verified).toBe(true);
  });

  test('is found wrong by a check once its file was changed', async () => {
    const store = storeOf((await hub(serve)).endpoint);
    await store.fetch('unknown', silent, never);
    await writeFile(path.join(models, 'unknown.gguf'), Buffer.alloc(unknownContent.length, 1));
    expect((await store.list())[0]).toMatchObject({ verified: false });
    const { sha256, expectedSha256 } = await store.verify('unknown', silent, never);
    expect(expectedSha256).not.toBe(sha256);
  });

  test('is refused and removed where what arrives is no model', async () => {
    const page = Buffer.from('<html>Sign in to go on</html>');
    const store = storeOf((await hub(serve, { content: page })).endpoint);
    await expect(store.fetch('unknown', silent, never)).rejects.toMatchObject({ code: 'download.corrupt' });
    expect(await readdir(models)).toEqual([]);
    expect(await readdir(folder)).not.toContain('recordedFiles.json');
  });

  test('has no mirror to turn to', async () => {
    const store = storeOf((await hub([{ type: 'status', status: 404 }])).endpoint);
    const running = store.fetch('unknown', silent, never);
    await expect(running).rejects.toMatchObject({ code: 'download.failed' });
    await expect(running).rejects.toThrow(/answered 404/u);
  });

  test('is recorded where it was put there by hand', async () => {
    await mkdir(models, { recursive: true });
    await writeFile(path.join(models, 'unknown.gguf'), unknownContent);
    const store = storeOf('http://127.0.0.1:9');
    expect((await store.fetch('unknown', silent, never)).verified).toBe(true);
    const kept: unknown = JSON.parse(await readFile(path.join(folder, 'recordedFiles.json'), 'utf8'));
    expect(kept).toMatchObject({
      files: [{ repository: 'someone/unknown', sizeBytes: unknownContent.length }],
    });
  });
});

describe('an unfinished fetch of it', () => {
  async function stopped(server: HubServer): Promise<void> {
    const controller = new AbortController();
    const running = storeOf(server.endpoint).fetch('unknown', silent, controller.signal);
    await vi.waitFor(async () => {
      expect((await stat(path.join(models, 'unknown.gguf.part'))).size).toBe(8_000);
    }, 30_000);
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  }

  test('goes on where the hub still has that version', async () => {
    const server = await hub([{ type: 'stall', afterBytes: 8_000 }, ...serve], { etag: () => '"one"' });
    await stopped(server);
    expect((await storeOf(server.endpoint).fetch('unknown', silent, never)).verified).toBe(true);
    expect(server.ranges).toEqual([null, 'bytes=8000-']);
    expect(await readFile(path.join(models, 'unknown.gguf'))).toEqual(unknownContent);
    expect(await readdir(models)).toEqual(['unknown.gguf']);
  });

  test('begins anew where the hub has another version', async () => {
    let version = '"one"';
    const server = await hub([{ type: 'stall', afterBytes: 8_000 }, ...serve], { etag: () => version });
    await stopped(server);
    version = '"two"';
    await storeOf(server.endpoint).fetch('unknown', silent, never);
    expect(server.ranges).toEqual([null, 'bytes=8000-']);
    expect(await readFile(path.join(models, 'unknown.gguf'))).toEqual(unknownContent);
  });

  test('begins anew where the hub has no name for versions', async () => {
    const server = await hub([{ type: 'stall', afterBytes: 8_000 }, ...serve]);
    await stopped(server);
    await storeOf(server.endpoint).fetch('unknown', silent, never);
    expect(server.ranges).toEqual([null, null]);
  });
});

describe('a name on the hub', () => {
  const name = 'someone/some-repo/folder/file.q4.gguf';

  test('is fetched, found, checked and removed like a name of the catalogue', async () => {
    const server = await hub(serve);
    const store = storeOf(server.endpoint);
    await expect(store.resolve(name)).rejects.toMatchObject({ code: 'model.missing' });
    const model = await store.fetch(name, silent, never);
    expect(server.paths).toEqual(['/someone/some-repo/resolve/main/folder/file.q4.gguf']);
    expect(model).toMatchObject({ name, license: null, verified: true });
    expect((await store.resolve(name)).name).toBe(name);
    expect((await store.list()).map((each) => each.name)).toEqual(['unknown', name]);
    expect((await store.verify(name, silent, never)).expectedSha256).not.toBeNull();
    await store.remove(name);
    expect(await readdir(models)).toEqual([]);
  });

  test.each([
    'someone/file.gguf',
    '../../etc/file.gguf',
    'a/b/.hidden.gguf',
    'a/b/c.bin',
    '/a/b/c.gguf',
    'a//b/c.gguf',
  ])('%s is none', async (other) => {
    await expect(storeOf('http://127.0.0.1:9').fetch(other, silent, never)).rejects.toMatchObject({
      code: 'parameter.invalid',
    });
  });
});
