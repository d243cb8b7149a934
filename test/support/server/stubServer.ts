import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { text as readText } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { answerAsLlamaServer, answerAsRouter } from './llamaProtocol.ts';
import { answerAsOpenAi } from './openAiProtocol.ts';
import { StubModel, type StubModelOptions } from './stubModel.ts';

/** What goes wrong with one request. Counts are of events of a stream. */
export type Fault =
  | { readonly type: 'status'; readonly status: number; readonly retryAfter?: string; readonly body?: string }
  | { readonly type: 'html' }
  | { readonly type: 'body'; readonly text: string }
  | { readonly type: 'redirect'; readonly location: string }
  /** Never answers. */
  | { readonly type: 'silent' }
  /** Waits so long before an answer, or before each of its events. */
  | { readonly type: 'delay'; readonly eachMs: number }
  /** Says nothing more after so many events. */
  | { readonly type: 'stall'; readonly after: number }
  /** Drops the connection after so many events. */
  | { readonly type: 'close'; readonly after: number }
  /** Ends in order after so many events, without the last one. */
  | { readonly type: 'end'; readonly after: number }
  /** Ends within a character after so many events. */
  | { readonly type: 'halfCharacter'; readonly after: number }
  | { readonly type: 'repeat'; readonly at: number }
  /** Leaves out so many events, one where that is absent. */
  | { readonly type: 'skip'; readonly at: number; readonly count?: number }
  /** Sends this text as an event. */
  | { readonly type: 'event'; readonly at: number; readonly text: string }
  /** Every byte by itself. */
  | { readonly type: 'bytewise' };

/** A request as it came. */
export interface SeenRequest {
  readonly path: string;
  /** After the question mark; empty where there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface StubServerOptions extends StubModelOptions {
  /** Which protocol it has. Default `llamaServer`. */
  readonly kind?: 'llamaServer' | 'llamaRouter' | 'vllm' | 'ollama';
  /** Any other key is refused; null asks for none, which is the default. */
  readonly key?: string | null;
  /** Certificate and key of a server over TLS. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** A server of models on the loopback interface, without one: it plays a script, and goes wrong as it is asked to. */
export class StubServer implements AsyncDisposable {
  readonly model: StubModel;
  readonly requests: SeenRequest[] = [];
  /** Requests whose client went away before the answer was whole. */
  leftCount = 0;
  readonly #server: Server;
  readonly #options: StubServerOptions;
  readonly #faults = new Map<string, Fault[]>();
  readonly #whenLeft: (() => void)[] = [];

  private constructor(options: StubServerOptions) {
    this.#options = options;
    this.model = new StubModel(options);
    const { certificate } = options;
    this.#server = certificate === undefined ? createServer() : createSecureServer(certificate);
    this.#server.on('request', (request, response) => {
      void this.#answer(request.url ?? '', request.headers, { body: readText(request), response });
    });
  }

  static async start(options: StubServerOptions = {}): Promise<StubServer> {
    const stub = new StubServer(options);
    stub.#server.listen(0, '127.0.0.1');
    await once(stub.#server, 'listening');
    return stub;
  }

  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The stub listens on a port.');
    return `${this.#options.certificate === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`;
  }

  /** The next requests to this path go wrong in these ways, one each. */
  fail(path: string, ...faults: readonly Fault[]): void {
    this.#faults.set(path, [...(this.#faults.get(path) ?? []), ...faults]);
  }

  /** Bodies of the requests to a path. */
  bodiesTo(path: string): readonly SeenRequest['body'][] {
    return this.requests.filter((request) => request.path === path).map(({ body }) => body);
  }

  /** Resolves when a client has gone away before its answer was whole, once more than now. */
  nextLeft(): Promise<void> {
    return new Promise((resolve) => this.#whenLeft.push(resolve));
  }

  /** Drops every connection, as a server that is started anew. */
  dropConnections(): void {
    this.#server.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(
    url: string,
    headers: IncomingHttpHeaders,
    { body, response }: { readonly body: Promise<string>; readonly response: ServerResponse },
  ): Promise<void> {
    response.once('close', () => {
      if (response.writableFinished) return;
      this.leftCount += 1;
      for (const resolve of this.#whenLeft.splice(0)) resolve();
    });
    const [path = '', query = ''] = url.split('?');
    const text = await body;
    const value: unknown = text === '' ? {} : JSON.parse(text);
    const request = { path, query, headers, body: value as SeenRequest['body'] };
    this.requests.push(request);
    const fault = this.#faults.get(path)?.shift() ?? null;
    if (fault !== null && failBefore(fault, response)) return;
    const { key = null, kind = 'llamaServer' } = this.#options;
    if (key !== null && headers.authorization !== `Bearer ${key}`) {
      // As some do, with the key in it.
      const message = `Invalid API key: ${headers.authorization ?? 'none'}`;
      sendJson(response, { error: { code: 401, message, type: 'authentication_error' } }, 401);
      return;
    }
    const answer = this.#answerAs(kind, request);
    if (fault?.type === 'delay') await setTimeout(fault.eachMs);
    if (answer === null) sendJson(response, { error: { code: 404, message: 'File Not Found' } }, 404);
    else if ('events' in answer) await sendEvents(response, answer.events, fault);
    else sendJson(response, answer.value, answer.status);
  }

  #answerAs(kind: NonNullable<StubServerOptions['kind']>, request: SeenRequest): StubAnswer {
    switch (kind) {
      case 'llamaServer':
        return answerAsLlamaServer(this.model, request) ?? answerAsOpenAi(this.model, kind, request);
      case 'llamaRouter':
        return answerAsRouter(this.model, request);
      case 'vllm':
      case 'ollama':
        return answerAsOpenAi(this.model, kind, request);
    }
  }
}

/** What a protocol answers: one value, or a stream of events. Null for a path that it does not have. */
export type StubAnswer =
  { readonly value: object; readonly status?: number } | { readonly events: readonly string[] } | null;

function failBefore(fault: Fault, response: ServerResponse): boolean {
  switch (fault.type) {
    case 'status': {
      const { status, retryAfter, body = '' } = fault;
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end(body);
      return true;
    }
    case 'html':
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!DOCTYPE html><html><body>Log in</body></html>');
      return true;
    case 'body':
      response.writeHead(200, { 'content-type': 'application/json' }).end(fault.text);
      return true;
    case 'redirect':
      response.writeHead(302, { location: fault.location }).end();
      return true;
    case 'silent':
      return true;
    case 'delay':
    case 'stall':
    case 'close':
    case 'end':
    case 'halfCharacter':
    case 'repeat':
    case 'skip':
    case 'event':
    case 'bytewise':
      return false;
  }
}

async function sendEvents(
  response: ServerResponse,
  events: readonly string[],
  fault: Fault | null,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const [index, event] of events.entries()) {
    if (fault !== null && 'after' in fault && fault.after === index) {
      endWithin(fault, response);
      return;
    }
    if (fault?.type === 'skip' && index >= fault.at && index < fault.at + (fault.count ?? 1)) continue;
    if (fault?.type === 'delay') await setTimeout(fault.eachMs);
    const isAt = fault !== null && 'at' in fault && fault.at === index;
    const sent = isAt && fault.type === 'event' ? fault.text : event;
    const bytes = Buffer.from(`data: ${sent}\n\n`);
    const parts = fault?.type === 'bytewise' ? [...bytes].map((byte) => Buffer.of(byte)) : [bytes];
    for (let times = isAt && fault.type === 'repeat' ? 2 : 1; times > 0; times--) {
      // A turn of the event loop each, so that no two go out as one.
      for (const part of parts) await new Promise((resolve) => response.write(part, resolve));
    }
    if (response.destroyed) return;
  }
  response.end();
}

function endWithin(fault: Fault, response: ServerResponse): void {
  if (fault.type === 'close') response.destroy();
  if (fault.type === 'end') response.end();
  if (fault.type === 'halfCharacter')
    response.end(Buffer.of(...Buffer.from('data: {"content":"'), 0xf0, 0x9f));
}

function sendJson(response: ServerResponse, value: object, status = 200): void {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify(value));
}
