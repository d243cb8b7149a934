import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isRecord } from '../../../../../protocol/isRecord.ts';
import {
  ServerConnection,
  type StreamRequest,
  usualLimits,
} from '../../../../../sidecar/engine/remote/serverConnection.ts';
import { ServerKey } from '../../../../../sidecar/engine/serverKey.ts';
import certificate from '../../../../fixtures/selfSigned.json' with { type: 'json' };
import { unhurried } from '../../../../support/engine/generating.ts';
import { type Fault, StubServer, type StubServerOptions } from '../../../../support/server/stubServer.ts';

const canary = 'sk-canary-7f3a';
/** For servers that say nothing; any other may be slow on a machine with much to do. */
const shortly = { ...usualLimits, firstByteMs: 100, idleMs: 100 };
const script = () => 'one two three';

function streamOf(body: object): StreamRequest {
  return { path: '/completion', body, isLast: (value) => isRecord(value) && value.stop === true };
}

async function events(
  stub: StubServer,
  key: string | null = null,
  limits = usualLimits,
): Promise<readonly unknown[]> {
  const connection = connectionTo(stub, key, limits);
  const body = { prompt: [1], n_predict: 9, stream: true };
  const seen: unknown[] = [];
  for await (const event of connection.stream(streamOf(body), unhurried)) seen.push(event);
  return seen;
}

function connectionTo(
  { address }: StubServer,
  key: string | null = null,
  limits = usualLimits,
): ServerConnection {
  return new ServerConnection({ address, key: key === null ? null : new ServerKey(key) }, limits);
}

describe('what a server sends', () => {
  it('is read to the end, wherever its bytes are cut', async () => {
    await using stub = await StubServer.start({ script: () => ['größer', ' 🙂', ' é'] });
    const whole = await events(stub);
    stub.fail('/completion', { type: 'bytewise' });

    expect(await events(stub)).toEqual(whole);
    expect(whole).toHaveLength(5);
    expect(whole[1]).toMatchObject({ content: ' 🙂' });
  });

  it('is not waited for once the request is aborted, however much has come', async () => {
    const words = Array.from({ length: 9 }, (_, at) => ` word${at}`);
    await using stub = await StubServer.start({ script: () => words });
    // What was read when it is aborted differs from time to time.
    for (let round = 0; round < 40; round++) {
      const abort = new AbortController();
      const stream = connectionTo(stub).stream(streamOf({ prompt: [1], stream: true }), abort.signal);
      for (let read = 0; read < 1 + (round % 4); read++) await stream.next();
      for (let turn = 0; turn < round; turn++) await new Promise(setImmediate);
      abort.abort();
      const rest = async (): Promise<string> => {
        for (;;) if ((await stream.next()).done === true) return 'read to its end';
      };
      const ended = await Promise.race([rest().catch(() => 'aborted'), delay(5000, 'waits')]);
      expect(ended).not.toBe('waits');
    }
  });

  it('closes the connection when the reader leaves', async () => {
    await using stub = await StubServer.start({ script });
    stub.fail('/completion', { type: 'stall', after: 2 });
    const left = stub.nextLeft();
    for await (const event of connectionTo(stub).stream(streamOf({ prompt: [1], stream: true }), unhurried)) {
      expect(event).toMatchObject({ content: 'one' });
      break;
    }
    await left;

    expect(stub.leftCount).toBe(1);
  });

  it('ends as cancelled with its signal, at once', async () => {
    await using stub = await StubServer.start({ script });
    stub.fail('/completion', { type: 'silent' });
    const stop = new AbortController();
    const reading = connectionTo(stub).post('/completion', { prompt: [1] }, stop.signal);
    stop.abort();

    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('what goes wrong with a server', () => {
  const faults: readonly (readonly [string, Fault, string, RegExp])[] = [
    ['never answers', { type: 'silent' }, 'server.slow', /sent nothing for 0\.1 s/],
    ['stops in the middle', { type: 'stall', after: 1 }, 'server.slow', /sent nothing/],
    ['forbids', { type: 'status', status: 403 }, 'server.refused', /asks for a key/],
    ['has too much to do', { type: 'status', status: 429, retryAfter: '12' }, 'server.busy', /wait 12 s/],
    [
      'names a date to wait for',
      { type: 'status', status: 429, retryAfter: 'Mon, 30 Nov 2026 16:00:00 GMT' },
      'server.busy',
      /until 2026-11-30T16:00/,
    ],
    [
      'is loading',
      { type: 'status', status: 503, body: '{"error":{"message":"Loading model"}}' },
      'server.busy',
      /Loading model/,
    ],
    [
      'fails',
      { type: 'status', status: 500, body: '{"error":"out of\\u001b[31m memory."}' },
      'server.failed',
      /500: out of \[31m memory\.$/,
    ],
    ['answers with a page', { type: 'html' }, 'server.unreadable', /an HTML page/],
    [
      'sends elsewhere',
      { type: 'redirect', location: 'http://127.0.0.1:9/' },
      'server.unreadable',
      /another address/,
    ],
    ['answers without a stream', { type: 'body', text: '{}' }, 'server.unreadable', /in place of a stream/],
    ['has no such path', { type: 'status', status: 404 }, 'server.unsupported', /does not know/],
    [
      'drops the connection',
      { type: 'close', after: 2 },
      'server.closedEarly',
      /before the answer was whole/,
    ],
    [
      'ends within a character',
      { type: 'halfCharacter', after: 1 },
      'server.closedEarly',
      /before the answer/,
    ],
    [
      'sends what is not JSON',
      { type: 'event', at: 1, text: '{"content":' },
      'server.unreadable',
      /not JSON/,
    ],
  ];

  it.each(faults)('a server that %s', async (_, fault, code, message) => {
    await using stub = await StubServer.start({ script });
    stub.fail('/completion', fault);
    const limits = code === 'server.slow' ? shortly : usualLimits;

    await expect(events(stub, null, limits)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it('a server that is down', async () => {
    const stub = await StubServer.start();
    const { address } = stub;
    await stub[Symbol.asyncDispose]();
    const connection = new ServerConnection({ address, key: null });

    await expect(connection.get('/props', unhurried)).rejects.toMatchObject({
      code: 'server.unreachable',
      message: `${address} cannot be reached: nothing answers there.`,
    });
  });

  it('a certificate that nobody vouches for', async () => {
    await using stub = await StubServer.start({ certificate });

    await expect(connectionTo(stub).get('/props', unhurried)).rejects.toMatchObject({
      code: 'server.untrusted',
    });
    expect(stub.requests).toEqual([]);
  });

  it('a kept connection that the server has closed meanwhile is opened again', async () => {
    await using stub = await StubServer.start({ script });
    const connection = connectionTo(stub);
    await connection.get('/props', unhurried);
    stub.dropConnections();

    await expect(connection.get('/props', unhurried)).resolves.toMatchObject({ total_slots: 2 });
  });
});

describe('the key', () => {
  const withKey: StubServerOptions = { script, key: canary };

  it('goes along in the header and nowhere else', async () => {
    await using stub = await StubServer.start(withKey);
    await events(stub, canary);
    const [request] = stub.requests;

    expect(request?.headers.authorization).toBe(`Bearer ${canary}`);
    expect(JSON.stringify([request?.path, request?.body])).not.toContain(canary);
  });

  it.each([
    ['refuses it', { type: 'status', status: 401, body: `{"error":"bad key ${canary}"}` }],
    ['fails and repeats it', { type: 'status', status: 500, body: `{"error":"bad key ${canary}"}` }],
    [
      'has too much to do and repeats it',
      { type: 'status', status: 429, body: `{"message":"${canary} is limited"}` },
    ],
  ] satisfies readonly (readonly [string, Fault])[])(
    'is in no error of a server that %s',
    async (_, fault) => {
      await using stub = await StubServer.start(withKey);
      stub.fail('/completion', fault);
      const failure: unknown = await events(stub, canary).catch((thrown: unknown) => thrown);

      expect(failure).toMatchObject({ code: expect.stringMatching(/^server\./) as string });
      expect(inspect(failure, { depth: 10 })).not.toContain(canary);
    },
  );

  it('is refused when it is wrong, and asked for when it is missing', async () => {
    await using stub = await StubServer.start(withKey);

    await expect(events(stub, 'sk-other')).rejects.toMatchObject({
      code: 'server.refused',
      remedy: 'Give the right key.',
    });
    await expect(events(stub)).rejects.toMatchObject({
      code: 'server.refused',
      remedy: 'Give its key, from a file.',
    });
  });

  it('is shown nowhere', () => {
    const connection = new ServerConnection({ address: 'http://127.0.0.1:1', key: new ServerKey(canary) });

    expect(inspect(connection, { depth: 10, showHidden: true })).not.toContain(canary);
    expect(JSON.stringify(connection)).not.toContain(canary);
  });
});
