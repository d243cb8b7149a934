import { isRecord } from '../../../protocol/isRecord.ts';
import type { TokenId, TokenizeOptions } from '../engine.ts';
import { readCounts } from './answerFields.ts';
import type { ServerConnection } from './serverConnection.ts';
import type { ServerDescription } from './serverDescription.ts';

/** A llama-server and its model. */
export interface LlamaTokenizer {
  readonly connection: ServerConnection;
  readonly description: Pick<ServerDescription, 'modelName' | 'isRouted'>;
}

/**
 * What a llama-server answers that has to compute nothing for it, with the model named. A router may have to start the model
 * first, and takes as long as it takes.
 */
export function askAboutText(
  { connection, description: { modelName, isRouted } }: LlamaTokenizer,
  { path, body }: { readonly path: string; readonly body: object },
  signal: AbortSignal,
): Promise<unknown> {
  const asked = { model: modelName, ...body };
  return isRouted ? connection.post(path, asked, signal) : connection.ask(path, asked, signal);
}

/** Token ids of a text from a llama-server, without any that a tokenizer would put before it. */
export async function tokensOf(
  server: LlamaTokenizer,
  { text, special }: Pick<TokenizeOptions, 'special'> & { readonly text: string },
  signal: AbortSignal,
): Promise<readonly TokenId[]> {
  if (text === '') return [];
  return tokenize(server, { content: text, add_special: false, parse_special: special }, signal);
}

/**
 * The token that a llama-server's model was trained to have before every text; null for a model without one. Prompts of token ids
 * and rendered chats lack it: the server puts it before texts alone.
 */
export async function beginTokenOf(
  server: LlamaTokenizer,
  beginText: string | null,
  signal: AbortSignal,
): Promise<TokenId | null> {
  if (beginText === null) return null;
  const [put = null] = await tokenize(server, { content: '', add_special: true }, signal);
  const [begin] = await tokensOf(server, { text: beginText, special: true }, signal);
  return put === begin ? put : null;
}

async function tokenize(
  server: LlamaTokenizer,
  body: object,
  signal: AbortSignal,
): Promise<readonly TokenId[]> {
  const answer = await askAboutText(server, { path: '/tokenize', body }, signal);
  return readCounts(server.connection.address, isRecord(answer) ? answer.tokens : null, 'answer.tokens');
}
