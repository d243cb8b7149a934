import { isRecord } from '../../../protocol/isRecord.ts';
import { samplingOf } from '../../../sidecar/engine/remote/llamaSampling.ts';
import { CodedError } from '../../../protocol/codedError.ts';
import { greedy } from '../decodeRun.ts';
import { type ServedText, TokenWatch } from './servedText.ts';

/** What a client has a llama-server write: greedily, after token ids. */
export interface PlainRequest {
  readonly prompt: readonly number[];
  readonly tokens: number;
  /** Alternatives with their probabilities for each token; 0 for none. */
  readonly alternatives: number;
}

const eventEnd = '\n\n';
const dataStart = 'data: ';

/**
 * Has a llama-server write as the shortest client can: one request, a split at blank lines, one `JSON.parse` for each event.
 * It checks nothing, and asks for the same as the engine does. Throws `engine.failed` for any answer but a stream.
 */
export async function askPlainly(
  origin: string,
  { prompt, tokens, alternatives }: PlainRequest,
  signal: AbortSignal,
): Promise<ServedText> {
  const watch = new TokenWatch();
  const body = {
    prompt,
    n_predict: tokens,
    stream: true,
    return_tokens: true,
    cache_prompt: true,
    n_probs: alternatives,
    ...samplingOf({ sampler: greedy, seed: 0 }),
  };
  const response = await fetch(`${origin}/completion`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok || response.body === null) throw noStream(response.status);
  const chunks: AsyncIterable<Uint8Array> = response.body;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const events = (rest + decoder.decode(chunk, { stream: true })).split(eventEnd);
    rest = events.pop() ?? '';
    for (const event of events) watch.see(tokensIn(JSON.parse(event.slice(dataStart.length))));
  }
  return watch.end();
}

/** The last event of an answer has none. */
function tokensIn(event: unknown): number {
  return isRecord(event) && event.stop === false && Array.isArray(event.tokens) ? event.tokens.length : 0;
}

function noStream(status: number): CodedError {
  return new CodedError(
    'engine.failed',
    `llama-server answered /completion with ${status}.`,
    'Start it in a terminal with the same model to see why.',
  );
}
