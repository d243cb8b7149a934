import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** How the server treats one request. */
export type HubBehaviour =
  | { readonly type: 'serve' }
  /** Promises the file, then drops the connection before its first byte. */
  | { readonly type: 'cut' }
  /** Sends this many bytes, then nothing, with the connection open. */
  | { readonly type: 'stall'; readonly afterBytes: number }
  /** Never answers. */
  | { readonly type: 'silent' }
  /** Answers every request with the whole file. */
  | { readonly type: 'ignoreRange' }
  /** Says that the file is of another size. */
  | { readonly type: 'otherSize'; readonly sizeBytes: number }
  | { readonly type: 'status'; readonly status: number };

export interface HubServer extends AsyncDisposable {
  readonly endpoint: string;
  /** `Range` headers of the requests so far; null for a request without one. */
  readonly ranges: readonly (string | null)[];
  /** Drops every connection, as a network that fails. */
  dropConnections(): void;
}

/** A model hub on a loopback port that serves one file; each request takes the next behaviour, the last one stays. */
export async function startHubServer(
  content: Buffer,
  behaviours: readonly HubBehaviour[],
): Promise<HubServer> {
  const ranges: (string | null)[] = [];
  const server = createServer((request, response) => {
    const behaviour = behaviours[Math.min(ranges.length, behaviours.length - 1)] ?? { type: 'serve' };
    ranges.push(request.headers.range ?? null);
    answer(request, response, content, behaviour);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on a port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    ranges,
    dropConnections: () => {
      server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  behaviour: HubBehaviour,
): void {
  if (behaviour.type === 'silent') return;
  if (behaviour.type === 'status') {
    response.writeHead(behaviour.status).end();
    return;
  }
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const start = asked === undefined || behaviour.type === 'ignoreRange' ? 0 : Number(asked);
  const size = behaviour.type === 'otherSize' ? behaviour.sizeBytes : content.length;
  const isPartial = asked !== undefined && behaviour.type !== 'ignoreRange';
  response.writeHead(isPartial ? 206 : 200, {
    'content-length': size - start,
    ...(isPartial ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {}),
  });
  const body = content.subarray(start);
  if (behaviour.type === 'cut') {
    response.flushHeaders();
    response.destroy();
  } else if (behaviour.type === 'stall') {
    response.write(body.subarray(0, behaviour.afterBytes));
  } else {
    response.end(body);
  }
}
