import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import type { ThinkingFormat, ThinkingFormChoice } from '../../../protocol/thinking.ts';
import { thinkingTable } from '../../../protocol/thinkingTable.ts';
import type { Capabilities } from '../capabilities.ts';
import { detectThinking } from '../thinkingFormats.ts';
import type { ServerConnection } from './serverConnection.ts';
import type { ServerDescription } from './serverDescription.ts';

/** A thought that a server sends apart, with marks around it, so that text and tokens have it in its place. */
export const apartThought: ThinkingFormat = {
  form: 'think',
  ...thinkingTable.think,
  switch: null,
  efforts: null,
  dropsEarlier: true,
};

/** Servers for conversations that are known to draw by the seed of a request. */
const followsSeeds: readonly string[] = ['Ollama', 'LM Studio'];

/** Counts of alternatives that servers allow, the largest first: vLLM's limit can be set, and was 5 for long. */
const alternativeCounts = [20, 5] as const;

/** A server that sends thoughts apart swallows the mark that opens one, so the first tokens may come to nothing. */
const probeTokens = 8;

/** What the first tokens of a server's have shown. */
export interface ServerProbe {
  /** Most alternatives with their probabilities that it gives with each token; 0 for none. */
  readonly alternatives: number;
  /** It sends thoughts apart from answers, and thinks without being asked to. */
  readonly thinks: boolean;
  /** What the model is called in the answer: a gateway may be asked by another name. Null where the answer does not say. */
  readonly answeredName: string | null;
}

/**
 * Has a server write a few tokens and looks at what came with them, since servers that know no probabilities leave them out without
 * a word. Throws as `ServerConnection` does.
 */
export async function probeServer(
  connection: ServerConnection,
  description: Pick<ServerDescription, 'protocol' | 'modelName'>,
  signal: AbortSignal,
): Promise<ServerProbe> {
  for (const count of [...alternativeCounts, 0]) {
    try {
      const { path, body } = fewTokens(description, count);
      const answer = await connection.post(path, body, signal);
      return {
        alternatives: Math.min(count, alternativesIn(answer)),
        thinks: hasThought(answer),
        answeredName: isRecord(answer) && typeof answer.model === 'string' ? answer.model : null,
      };
    } catch (thrown) {
      // A count that is over a limit is refused, and so are probabilities where they are not known.
      const isRefused = thrown instanceof CodedError && thrown.code === 'server.rejected';
      if (!isRefused || count === 0) throw thrown;
    }
  }
  return { alternatives: 0, thinks: false, answeredName: null };
}

/** What can be done with a server's model, whose form of thought may be chosen. Pure. */
export function serverCapabilities(
  { protocol, software, chatTemplate }: Pick<ServerDescription, 'protocol' | 'software' | 'chatTemplate'>,
  { alternatives, thinks }: Pick<ServerProbe, 'alternatives' | 'thinks'>,
  thinkingForm: ThinkingFormChoice = 'auto',
): Capabilities {
  const inTemplate = detectThinking({ template: chatTemplate, architecture: null }, thinkingForm);
  const common = {
    entropy: 'bounded',
    alternatives,
    hiddenState: null,
    fork: 'replayed',
    seed: protocol !== 'chat' || followsSeeds.includes(software),
    thinking: inTemplate ?? (thinks && thinkingForm !== 'none' ? apartThought : null),
  } as const;
  switch (protocol) {
    case 'llamaServer':
      return { ...common, tokens: 'ids', continues: true, constraint: 'grammar' };
    case 'completions':
      return { ...common, tokens: 'text', continues: true, constraint: 'choice' };
    case 'chat':
      return { ...common, tokens: 'text', continues: false, constraint: 'none' };
  }
}

function fewTokens(
  { protocol, modelName }: Pick<ServerDescription, 'protocol' | 'modelName'>,
  count: number,
): { readonly path: string; readonly body: object } {
  const usual = { model: modelName, max_tokens: probeTokens, temperature: 0 };
  switch (protocol) {
    case 'llamaServer':
      return { path: '/completion', body: { model: modelName, prompt: 'A', n_predict: 1, n_probs: count } };
    case 'completions':
    case 'chat': {
      const messages = [{ role: 'user', content: 'A' }];
      const logprobs = count > 0 ? { logprobs: true, top_logprobs: count } : {};
      return { path: '/v1/chat/completions', body: { ...usual, messages, ...logprobs } };
    }
  }
}

function hasThought(answer: unknown): boolean {
  const choice = isRecord(answer) ? firstOf(answer.choices) : null;
  const message = isRecord(choice) ? choice.message : null;
  if (!isRecord(message)) return false;
  return [message.reasoning_content, message.reasoning].some(
    (text) => typeof text === 'string' && text !== '',
  );
}

/** Alternatives of the first token of an answer, in either form; 0 where there is none. */
function alternativesIn(answer: unknown): number {
  const choice = isRecord(answer) ? (firstOf(answer.choices) ?? answer) : null;
  if (!isRecord(choice)) return 0;
  const own = firstOf(choice.completion_probabilities);
  if (isRecord(own)) return sizeOf(own.top_logprobs);
  const { logprobs } = choice;
  const token = isRecord(logprobs) ? firstOf(logprobs.content) : null;
  return isRecord(token) ? sizeOf(token.top_logprobs) : 0;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

function sizeOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}
