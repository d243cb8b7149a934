import { isRecord } from '../../protocol/isRecord.ts';
import type { ServedModel } from '../../protocol/messages.ts';
import type { ThinkingFormat } from '../../protocol/thinking.ts';
import { ServerConnection } from '../engine/remote/serverConnection.ts';
import { listServer } from '../engine/remote/serverDescription.ts';
import { detectThinking } from '../engine/thinkingFormats.ts';
import { present } from '../validation/fieldReader.ts';
import { thinkingText } from './drawing/modelTable.ts';
import type { NamedServer } from './serverOptions.ts';
import type { Terminal } from './terminal.ts';

/** Prints what models the servers of a command have, and where each runs. Sends them no prompt. Throws as `ServerConnection` does. */
export async function printServerModels(
  { address, others, key }: NamedServer,
  { terminal, isJson }: { readonly terminal: Pick<Terminal, 'print'>; readonly isJson: boolean },
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for (const server of [address, ...others]) {
    const connection = new ServerConnection({ address: server, key });
    const { software, models } = await listServer(connection, signal);
    const thinking = software.startsWith('llama-server') ? await thinkingOf(connection, signal) : null;
    count += models.length;
    if (!isJson) terminal.print(`${software} at ${server}`);
    for (const model of models) {
      terminal.print(
        isJson
          ? JSON.stringify({
              ...{ type: 'model', ...model, server, software },
              ...present({ thinking: thinking ?? undefined }),
            })
          : `  ${modelLine(model, thinking)}`,
      );
    }
  }
  if (isJson) terminal.print(JSON.stringify({ type: 'result', count }));
  return 0;
}

/** By the template of its one model. Null where the model has no thoughts, and for a router, whose models have to be started first. */
async function thinkingOf(connection: ServerConnection, signal: AbortSignal): Promise<ThinkingFormat | null> {
  const props = await connection.get('/props', signal);
  const template = isRecord(props) && props.role !== 'router' ? props.chat_template : null;
  return typeof template === 'string' ? detectThinking({ template, architecture: null }) : null;
}

function modelLine({ name, contextTokens }: ServedModel, thinking: ThinkingFormat | null): string {
  const context = contextTokens === null ? '' : `${contextTokens} tokens of context`;
  const thoughts = thinking === null ? '' : `thinks: ${thinkingText(thinking)}`;
  return [name, context, thoughts].filter((part) => part !== '').join('  ');
}
