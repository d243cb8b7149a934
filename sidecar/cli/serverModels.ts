import type { ServedModel } from '../../protocol/messages.ts';
import { ServerConnection } from '../engine/remote/serverConnection.ts';
import { listServer } from '../engine/remote/serverDescription.ts';
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
    const { software, models } = await listServer(new ServerConnection({ address: server, key }), signal);
    count += models.length;
    if (!isJson) terminal.print(`${software} at ${server}`);
    for (const model of models) {
      terminal.print(
        isJson ? JSON.stringify({ type: 'model', ...model, server, software }) : `  ${modelLine(model)}`,
      );
    }
  }
  if (isJson) terminal.print(JSON.stringify({ type: 'result', count }));
  return 0;
}

function modelLine({ name, contextTokens }: ServedModel): string {
  return contextTokens === null ? name : `${name}  ${contextTokens} tokens of context`;
}
