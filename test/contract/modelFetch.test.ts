import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { LSPErrorCodes } from 'vscode-languageserver/node';
import { startHubServer } from '../support/download/hubServer.ts';
import { phasesOf, smallModel, smallModelContent } from '../support/download/modelSource.ts';
import { contractPeer, failureOf } from '../support/sidecar/contractPeer.ts';

const { sizeBytes } = smallModel;

test('a fetch streams its progress, stops when cancelled, goes on from there, and its model is loaded', async () => {
  const keptBytes = 12_000;
  await using hub = await startHubServer(smallModelContent, [
    { type: 'stall', afterBytes: keptBytes },
    { type: 'serve' },
  ]);
  const source = { hubEndpoint: hub.endpoint, catalogue: [smallModel] };
  await using peer = await contractPeer(() => 'Because.', {}, source);
  await peer.initialize({ settings: { model: smallModel.name } });
  await peer.whenHealth('noModel');
  const modelPath = path.join(peer.storePath, 'models', smallModel.fileName);

  const stopped = peer.fetch(smallModel.name);
  await vi.waitFor(async () => {
    expect((await readFile(`${modelPath}.part`)).length).toBe(keptBytes);
  }, 30_000);
  stopped.cancellation.cancel();
  expect(await failureOf(stopped.result)).toEqual({
    lspCode: LSPErrorCodes.RequestCancelled,
    code: 'cancelled',
  });
  expect(stopped.progress.at(0)).toEqual({
    phase: 'download',
    source: 'hub',
    doneBytes: 0,
    totalBytes: sizeBytes,
    bytesPerSecond: null,
  });
  const [absent] = await peer.request('entropane/models/list', null);
  expect(absent).toMatchObject({ name: smallModel.name, path: null, verified: false });
  expect(peer.healths.at(-1)).toMatchObject({ state: 'noModel' });

  const resumed = peer.fetch(smallModel.name);
  expect(await resumed.result).toMatchObject({ name: smallModel.name, path: modelPath, verified: true });
  expect(hub.ranges).toEqual([null, `bytes=${keptBytes}-`]);
  expect(phasesOf(resumed.progress)).toEqual(['download hub', 'verify hub']);
  expect(resumed.progress.at(0)).toMatchObject({ phase: 'download', doneBytes: keptBytes });
  expect(resumed.progress.at(-1)).toMatchObject({ phase: 'verify', doneBytes: sizeBytes });
  expect((await readFile(modelPath)).equals(smallModelContent)).toBe(true);

  await peer.whenHealth('ready');
  expect(peer.healths.at(-1)).toMatchObject({ modelName: smallModel.name });
  const question = { question: 'Why?', strategy: 'direct' } as const;
  expect(await peer.ask(question).result).toMatchObject({ text: 'Because.' });
});
