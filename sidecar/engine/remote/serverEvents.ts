import { createParser } from 'eventsource-parser';
import { closedEarly, unreadable } from './serverFailure.ts';

/** Longest event: with 20 alternatives a token takes 3 kB. */
const largestEventCharacters = 4 * 1024 * 1024;

/** The data that ends a stream of OpenAI's kind. */
const doneMark = '[DONE]';
/** Given in its place. */
export const doneEvent: unique symbol = Symbol('done');

/**
 * The JSON values of a stream of server-sent events, as they come: a byte that is cut anywhere, within a character too,
 * waits for the rest. What ends a stream of OpenAI's kind is given as `doneEvent`. Comments, with which servers keep a connection open, are passed over. Throws `server.unreadable` for
 * events that are not JSON, and `server.closedEarly` where the bytes end within a character or an event.
 */
export async function* readServerEvents(
  bytes: AsyncIterable<Uint8Array>,
  address: string,
): AsyncGenerator<unknown, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const arrived: string[] = [];
  const seen = { isTooLong: false };
  const parser = createParser({
    onEvent: ({ data }) => {
      arrived.push(data);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') seen.isTooLong = true;
      // llama-server sends what fails in the middle as a field of its own.
      if (error.type === 'unknown-field' && error.field === 'error')
        arrived.push(`{"error":${error.value ?? 'null'}}`);
    },
    maxBufferSize: largestEventCharacters,
  });
  let tail = '\n\n';
  for await (const chunk of bytes) {
    const text = decode(decoder, chunk, address);
    parser.feed(text);
    if (seen.isTooLong) throw unreadable(address, 'sent an event without an end');
    tail = (tail + text).slice(-4);
    for (const data of arrived.splice(0)) yield data === doneMark ? doneEvent : jsonOf(data, address);
  }
  if (endsWithinCharacter(decoder) || !/\n\r?\n$/.test(tail)) throw closedEarly(address);
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array, address: string): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch (cause) {
    throw unreadable(address, 'sent bytes that are not text', cause);
  }
}

function endsWithinCharacter(decoder: InstanceType<typeof TextDecoder>): boolean {
  try {
    decoder.decode();
    return false;
  } catch {
    return true;
  }
}

function jsonOf(data: string, address: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw unreadable(address, 'sent an event that is not JSON', cause);
  }
}
