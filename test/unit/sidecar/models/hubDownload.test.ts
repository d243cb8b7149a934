import { readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { downloadResumably, type DownloadTiming } from '../../../../sidecar/models/hubDownload.ts';
import { type HubBehaviour, type HubServer, startHubServer } from '../../../support/download/hubServer.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251));
const patient: DownloadTiming = { connectTimeoutMs: 5_000, stallTimeoutMs: 5_000, retryDelaysMs: [1, 1] };
const never = new AbortController().signal;

/** Downloads from a server of the given behaviours and returns what is left to see. */
async function download(
  behaviours: readonly HubBehaviour[],
  options: {
    readonly timing?: DownloadTiming;
    readonly part?: Buffer;
    readonly signal?: AbortSignal;
    readonly onBytes?: (doneBytes: number, server: HubServer) => void;
  } = {},
) {
  await using folder = await temporaryFolder();
  await using server = await startHubServer(content, behaviours);
  const partPath = path.join(folder.path, 'model.part');
  if (options.part !== undefined) await writeFile(partPath, options.part);
  const progress: number[] = [];
  let error: unknown = null;
  try {
    await downloadResumably(
      {
        url: `${server.endpoint}/model`,
        partPath,
        sizeBytes: content.length,
        isHashKnown: true,
        onBytes: (doneBytes) => {
          progress.push(doneBytes);
          options.onBytes?.(doneBytes, server);
        },
        timing: options.timing ?? patient,
      },
      options.signal ?? never,
    );
  } catch (thrown) {
    error = thrown;
  }
  const part = await readFile(partPath).catch(() => null);
  return { part, progress, error, ranges: server.ranges };
}

test('a whole file arrives, and its progress only grows', async () => {
  const { part, progress, error } = await download([{ type: 'serve' }]);
  expect(error).toBeNull();
  expect(part?.equals(content)).toBe(true);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBe(content.length);
});

test('goes on behind what an earlier run left', async () => {
  const { part, ranges } = await download([{ type: 'serve' }], { part: content.subarray(0, 70_000) });
  expect(ranges).toEqual(['bytes=70000-']);
  expect(part?.equals(content)).toBe(true);
});

test('a connection cut off again and again is picked up as long as bytes arrive', async () => {
  const pieceBytes = 45_000;
  const piece = { type: 'stall', afterBytes: pieceBytes } as const;
  const { part, ranges, error } = await download([piece, piece, piece, piece, { type: 'serve' }], {
    onBytes: (doneBytes, server) => {
      if (doneBytes % pieceBytes === 0) server.dropConnections();
    },
  });
  expect(error).toBeNull();
  expect(ranges).toHaveLength(5);
  expect(part?.equals(content)).toBe(true);
});

test('a server that stops sending is left and asked again', async () => {
  const timing = { ...patient, stallTimeoutMs: 80 };
  const { part, ranges } = await download([{ type: 'stall', afterBytes: 50_000 }, { type: 'serve' }], {
    timing,
  });
  expect(ranges).toEqual([null, 'bytes=50000-']);
  expect(part?.equals(content)).toBe(true);
});

test('a server that ignores ranges costs a new start, not a garbled file', async () => {
  const { part } = await download([{ type: 'ignoreRange' }], { part: Buffer.alloc(70_000, 0xff) });
  expect(part?.equals(content)).toBe(true);
});

test('a part longer than the file is thrown away', async () => {
  const { part, ranges } = await download([{ type: 'serve' }], { part: Buffer.alloc(content.length + 1) });
  expect(ranges).toEqual([null]);
  expect(part?.equals(content)).toBe(true);
});

test('a complete part is not asked for again', async () => {
  const { ranges, error } = await download([{ type: 'serve' }], { part: content });
  expect(error).toBeNull();
  expect(ranges).toEqual([]);
});

test.each<HubBehaviour>([
  { type: 'status', status: 404 },
  { type: 'status', status: 503 },
  { type: 'otherSize', sizeBytes: 200_001 },
  { type: 'otherSize', sizeBytes: 15 },
  { type: 'cut' },
])('gives up on a server that does %j', async (behaviour) => {
  const { error } = await download([behaviour]);
  expect(error).toMatchObject({ code: 'download.failed' });
});

test('gives up after tries without progress, and keeps the part', async () => {
  const kept = content.subarray(0, 70_000);
  const { error, part, ranges } = await download([{ type: 'cut' }], { part: kept });
  expect(error).toMatchObject({ code: 'download.failed' });
  expect(ranges).toHaveLength(1 + patient.retryDelaysMs.length);
  expect(part?.equals(kept)).toBe(true);
});

test('a server that never answers counts as out of reach', async () => {
  const { error } = await download([{ type: 'silent' }], { timing: { ...patient, connectTimeoutMs: 50 } });
  expect(error).toMatchObject({ code: 'download.failed' });
});

test('an abort ends the download and keeps the part', async () => {
  const controller = new AbortController();
  const reason = new Error('stopped by the test');
  const { error, part } = await download([{ type: 'stall', afterBytes: 50_000 }], {
    signal: controller.signal,
    onBytes: () => {
      controller.abort(reason);
    },
  });
  expect(error).toBe(reason);
  expect(part?.length).toBeGreaterThan(0);
  expect(content.subarray(0, part?.length).equals(part ?? Buffer.alloc(0))).toBe(true);
});

test('a full disk is told as such (platform: /dev/full)', async () => {
  await using folder = await temporaryFolder();
  await using server = await startHubServer(content, [{ type: 'serve' }]);
  const partPath = path.join(folder.path, 'model.part');
  await symlink('/dev/full', partPath);
  const running = downloadResumably(
    {
      url: server.endpoint,
      partPath,
      sizeBytes: content.length,
      isHashKnown: true,
      onBytes: () => undefined,
      timing: patient,
    },
    never,
  );
  await expect(running).rejects.toMatchObject({ code: 'disk.full' });
});
