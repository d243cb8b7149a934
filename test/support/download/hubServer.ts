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
  /** Says how large the file is only by ending it. */
  | { readonly type: 'noLength' }
  /** Answers every request with the whole file. */
  | { readonly type: 'ignoreRange' }
  /** Says that the file is of another size. */
  | { readonly type: 'otherSize'; readonly sizeBytes: number }
  | { readonly type: 'status'; readonly status: number };

export interface HubServer extends AsyncDisposable {
  readonly endpoint: string;
  /** Paths of the requests so far. */
  readonly paths: readonly string[];
  /** `Range` headers of the requests so far; null for a request without one. */
  readonly ranges: readonly (string | null)[];
  /** Drops every connection, as a network that fails. */
  dropConnections(): void;
}

/**
 * A model hub on a loopback port that serves one file; each request takes the next behaviour, the last one stays. `etag` is what it
 * calls the version of the file when it is asked.
 */
export async function startHubServer(
  content: Buffer,
  behaviours: readonly HubBehaviour[],
  { etag = null }: { readonly etag?: (() => string) | null } = {},
): Promise<HubServer> {
  const ranges: (string | null)[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const behaviour = behaviours[Math.min(ranges.length, behaviours.length - 1)] ?? { type: 'serve' };
    ranges.push(request.headers.range ?? null);
    paths.push(request.url ?? '');
    answer(request, response, { content, behaviour, etag: etag?.() ?? null });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on a port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    ranges,
    paths,
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
  {
    content,
    behaviour,
    etag,
  }: { readonly content: Buffer; readonly behaviour: HubBehaviour; readonly etag: string | null },
): void {
  if (behaviour.type === 'silent') return;
  if (behaviour.type === 'status') {
    response.writeHead(behaviour.status).end();
    return;
  }
  if (etag !== null) response.setHeader('etag', etag);
  if (behaviour.type === 'noLength') {
    response.write(content);
    response.end();
    return;
  }
  const isOther = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag;
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const isWhole = asked === undefined || behaviour.type === 'ignoreRange' || isOther;
  const start = isWhole ? 0 : Number(asked);
  const size = behaviour.type === 'otherSize' ? behaviour.sizeBytes : content.length;
  if (start >= size) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  response.writeHead(isWhole ? 200 : 206, {
    'content-length': size - start,
    ...(isWhole ? {} : { 'content-range': `bytes ${start}-${size - 1}/${size}` }),
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
