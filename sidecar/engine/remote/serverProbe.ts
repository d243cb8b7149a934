import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import type { Capabilities } from '../capabilities.ts';
import type { ServerConnection } from './serverConnection.ts';
import type { ServerDescription } from './serverDescription.ts';

/** Counts of alternatives that servers allow, the largest first: vLLM's limit can be set, and was 5 for long. */
const alternativeCounts = [20, 5] as const;

/**
 * Most alternatives with their probabilities that a server gives with each token: what it is asked for, generating one token,
 * is looked at, since servers that know no probabilities leave them out without a word. Throws as `ServerConnection` does.
 */
export async function probeAlternatives(
  connection: ServerConnection,
  description: Pick<ServerDescription, 'protocol' | 'modelName'>,
  signal: AbortSignal,
): Promise<number> {
  for (const count of alternativeCounts) {
    try {
      const { path, body } = oneToken(description, count);
      const answer = await connection.post(path, body, signal);
      return Math.min(count, alternativesIn(answer));
    } catch (thrown) {
      // A count that is over a limit is refused with status 400.
      const isRefused = thrown instanceof CodedError && thrown.code === 'server.failed';
      if (!isRefused) throw thrown;
    }
  }
  return 0;
}

/** What can be done with a server's model. Pure. */
export function serverCapabilities(
  { protocol }: Pick<ServerDescription, 'protocol'>,
  alternatives: number,
): Capabilities {
  const common = {
    entropy: 'bounded',
    alternatives,
    hiddenState: null,
    fork: 'replayed',
    seed: true,
    infill: 'none',
    thinking: null,
  } as const;
  switch (protocol) {
    case 'llamaServer':
      return { ...common, tokens: 'ids', continues: true, constraint: 'grammar' };
    case 'completions':
      return { ...common, tokens: 'text', continues: true, constraint: 'none' };
    case 'chat':
      return { ...common, tokens: 'text', continues: false, constraint: 'none' };
  }
}

function oneToken(
  { protocol, modelName }: Pick<ServerDescription, 'protocol' | 'modelName'>,
  count: number,
): { readonly path: string; readonly body: object } {
  const usual = { model: modelName, max_tokens: 1, temperature: 0 };
  switch (protocol) {
    case 'llamaServer':
      return { path: '/completion', body: { model: modelName, prompt: 'A', n_predict: 1, n_probs: count } };
    case 'completions':
      return { path: '/v1/completions', body: { ...usual, prompt: 'A', logprobs: count } };
    case 'chat': {
      const messages = [{ role: 'user', content: 'A' }];
      return {
        path: '/v1/chat/completions',
        body: { ...usual, messages, logprobs: true, top_logprobs: count },
      };
    }
  }
}

/** Alternatives of the first token of an answer, in any of the three forms; 0 where there is none. */
function alternativesIn(answer: unknown): number {
  const choice = isRecord(answer) ? (firstOf(answer.choices) ?? answer) : null;
  if (!isRecord(choice)) return 0;
  const own = firstOf(choice.completion_probabilities);
  if (isRecord(own)) return sizeOf(own.top_logprobs);
  const { logprobs } = choice;
  if (!isRecord(logprobs)) return 0;
  const token = firstOf(logprobs.content);
  return isRecord(token) ? sizeOf(token.top_logprobs) : sizeOf(firstOf(logprobs.top_logprobs));
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/** Entries of a list, or of an object from token to probability. */
function sizeOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return isRecord(value) ? Object.keys(value).length : 0;
}
