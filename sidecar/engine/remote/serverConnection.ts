import { isRecord } from '../../../protocol/isRecord.ts';
import type { ServerKey } from '../serverKey.ts';
import { Patience } from './patience.ts';
import { doneEvent, readServerEvents } from './serverEvents.ts';
import { type AskedServer, isClosedConnection, statusFailure, unreadable } from './serverFailure.ts';

/** How long a server may be silent, and how much it may send. */
export interface ServerLimits {
  /** Until the first byte of an answer: a long prompt is read meanwhile, maybe after others'. */
  readonly firstByteMs: number;
  /** The same for what it has to compute nothing for, such as the tokens of a text; never more than `firstByteMs`. */
  readonly questionMs: number;
  /** Between two bytes. */
  readonly idleMs: number;
  /** Most bytes of an answer that is not a stream. */
  readonly answerBytes: number;
}

/** Below the 300 s after which Node's own client gives up. */
export const usualLimits: ServerLimits = {
  firstByteMs: 240_000,
  questionMs: 15_000,
  idleMs: 60_000,
  answerBytes: 64 * 1024 * 1024,
};

/** How long all may take that comes after the value with which an answer is whole. */
const closingMs = 500;

/** A request whose answer is a stream. */
export interface StreamRequest {
  readonly path: string;
  readonly body: object;
  /** Whether the answer is whole with this value: what comes at once is still given, but not waited for. */
  readonly isLast: (value: unknown) => boolean;
}

/**
 * Speaks HTTP with one server and sends the key along. Every failure is a coded error: `server.unreachable`, `server.slow`,
 * `server.refused`, `server.busy`, `server.unreadable`, `server.closedEarly`, `server.untrusted`, `server.unsupported`,
 * `server.failed`, or `cancelled`. Redirections are not followed: what is sent goes to this address alone.
 */
export class ServerConnection {
  readonly address: string;
  readonly #key: ServerKey | null;
  readonly #limits: ServerLimits;

  constructor(
    { address, key }: { readonly address: string; readonly key: ServerKey | null },
    limits: ServerLimits = usualLimits,
  ) {
    this.address = address;
    this.#key = key;
    this.#limits = limits;
  }

  /** The JSON value of an answer that takes no computing. */
  get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#answer({ path, body: null, silentMs: this.#questionMs }, signal);
  }

  /** The JSON value of the answer to a JSON value that takes no computing. */
  ask(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    return this.#answer({ path, body: JSON.stringify(body), silentMs: this.#questionMs }, signal);
  }

  /** The JSON value of the answer to a JSON value. */
  post(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    return this.#answer({ path, body: JSON.stringify(body), silentMs: this.#limits.firstByteMs }, signal);
  }

  /**
   * The JSON values of the events that answer a JSON value, until the stream ends, or the connection after a value that
   * `isLast`. Leaving the loop before closes the connection, by which servers stop computing.
   */
  async *stream(
    { path, body, isLast }: StreamRequest,
    signal: AbortSignal,
  ): AsyncGenerator<unknown, void, void> {
    const patience = new Patience(signal);
    let isWhole = false;
    let isDone = false;
    try {
      patience.allow(this.#limits.firstByteMs);
      const response = await this.#send(path, JSON.stringify(body), patience);
      const kind = response.headers.get('content-type') ?? '';
      if (!kind.includes('text/event-stream')) {
        const text = await this.#text(response, patience);
        throw unreadable(this.address, `answered with ${kindText(kind, text)} in place of a stream`);
      }
      // Read to its end, so that the connection can be used again.
      for await (const value of readServerEvents(this.#bytes(response, patience), this.address)) {
        if (isDone) continue;
        isDone = value === doneEvent;
        if (!isWhole && (isDone || isLast(value))) {
          isWhole = true;
          patience.allowAtMost(closingMs);
        }
        if (!isDone) yield this.#withoutKey(value);
      }
    } catch (thrown) {
      const failure = patience.failure(thrown, this.#asked);
      if (!isWhole || failure.code === 'cancelled') throw failure;
    } finally {
      patience.dispose();
    }
  }

  get #questionMs(): number {
    return Math.min(this.#limits.questionMs, this.#limits.firstByteMs);
  }

  get #asked(): AskedServer {
    return { address: this.address, hasKey: this.#key !== null };
  }

  async #answer(
    {
      path,
      body,
      silentMs,
    }: { readonly path: string; readonly body: string | null; readonly silentMs: number },
    signal: AbortSignal,
  ): Promise<unknown> {
    const patience = new Patience(signal);
    try {
      patience.allow(silentMs);
      const response = await this.#send(path, body, patience);
      const text = await this.#text(response, patience);
      return this.#json(text, response.headers.get('content-type') ?? '');
    } catch (thrown) {
      throw patience.failure(thrown, this.#asked);
    } finally {
      patience.dispose();
    }
  }

  /** An answer that says it went well. */
  async #send(path: string, body: string | null, patience: Patience): Promise<Response> {
    const { signal } = patience;
    const sent = (): Promise<Response> =>
      fetch(`${this.address}${path}`, {
        method: body === null ? 'GET' : 'POST',
        headers: this.#headers(body !== null),
        body,
        redirect: 'manual',
        signal,
      });
    const response = await sent().catch((thrown: unknown) => {
      // A kept connection that the server has closed meanwhile: nothing of an answer came, so a new one is tried, once.
      if (signal.aborted || !isClosedConnection(thrown)) throw thrown;
      return sent();
    });
    if (response.ok) return response;
    const { status, headers } = response;
    const text = await this.#text(response, patience);
    throw statusFailure(this.#asked, {
      status,
      retryAfter: headers.get('retry-after'),
      body: this.#hidden(text),
    });
  }

  #headers(hasBody: boolean): Record<string, string> {
    return {
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(this.#key !== null && { authorization: `Bearer ${this.#key.reveal()}` }),
    };
  }

  /** An event of failure without the key, should the server repeat it there. */
  #withoutKey(value: unknown): unknown {
    if (this.#key === null || !isRecord(value) || !('error' in value)) return value;
    return JSON.parse(this.#hidden(JSON.stringify(value)));
  }

  /** A text of the server without the key, should it repeat it. */
  #hidden(text: string): string {
    return this.#key === null ? text : text.replaceAll(this.#key.reveal(), String(this.#key));
  }

  /** Time counts only while a byte is waited for, not while what came is used. */
  async *#bytes({ body }: Response, patience: Patience): AsyncGenerator<Uint8Array, void, void> {
    if (body === null) return;
    // Node's types leave open what a body is made of; it is bytes.
    const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
    try {
      for (;;) {
        patience.allow(this.#limits.idleMs);
        const { done, value } = await patience.unless(reader.read());
        patience.rest();
        if (done) return;
        yield value;
      }
    } finally {
      // Not waited for, as iterating over the body does: an exchange that was aborted may never say that it has ended.
      reader.cancel().catch(() => undefined);
    }
  }

  async #text(response: Response, patience: Patience): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    let byteCount = 0;
    for await (const chunk of this.#bytes(response, patience)) {
      byteCount += chunk.length;
      if (byteCount > this.#limits.answerBytes)
        throw unreadable(this.address, 'sent an answer without an end');
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  }

  #json(text: string, kind: string): unknown {
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw unreadable(this.address, `answered with ${kindText(kind, text)} in place of JSON`, cause);
    }
  }
}

function kindText(kind: string, text: string): string {
  if (kind.includes('html') || /^\s*<(?:!doctype|html)/i.test(text)) return 'an HTML page';
  return text === '' ? 'nothing' : 'another text';
}
