import { isRecord } from '../../../protocol/isRecord.ts';
import type { TokenId, TokenizeOptions } from '../engine.ts';
import { readCounts } from './answerFields.ts';
import type { ServerConnection } from './serverConnection.ts';

/** Never aborted: what takes a moment is not called off. */
export const unhurried: AbortSignal = new AbortController().signal;

/** Token ids of a text from a llama-server, without any that a tokenizer would put before it. */
export async function tokensOf(
  connection: ServerConnection,
  { modelName, text }: { readonly modelName: string; readonly text: string },
  { special }: TokenizeOptions,
): Promise<readonly TokenId[]> {
  if (text === '') return [];
  return tokenize(connection, {
    model: modelName,
    content: text,
    add_special: false,
    parse_special: special,
  });
}

/**
 * The token that a llama-server's model was trained to have before every text; null for a model without one. Prompts of token ids
 * and rendered chats lack it: the server puts it before texts alone.
 */
export async function beginTokenOf(
  connection: ServerConnection,
  { modelName, beginText }: { readonly modelName: string; readonly beginText: string | null },
): Promise<TokenId | null> {
  if (beginText === null) return null;
  const [put = null] = await tokenize(connection, { model: modelName, content: '', add_special: true });
  const [begin] = await tokensOf(connection, { modelName, text: beginText }, { special: true });
  return put === begin ? put : null;
}

async function tokenize(connection: ServerConnection, body: object): Promise<readonly TokenId[]> {
  const answer = await connection.post('/tokenize', body, unhurried);
  return readCounts(connection.address, isRecord(answer) ? answer.tokens : null, 'answer.tokens');
}
