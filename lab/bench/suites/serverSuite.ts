import { loadavg } from 'node:os';
import { basename } from 'node:path';
import { LlamaServer } from '../baselines/llamaServer.ts';
import { clientCountsPart, mostClients, slotTokens } from '../serving/clientCountsPart.ts';
import { serverOverheadPart } from '../serving/serverOverheadPart.ts';
import { openMeasurements } from '../serving/servingMeasurements.ts';
import { benchContextTokens, notCompared, type Suite, type SuiteContext, withModel } from './suite.ts';
import type { PartResult } from '../figure.ts';

/** What a request to a llama-server costs more than a plain client's, and how many clients one server can have. */
export const serverSuite: Suite = {
  name: 'server',
  summary: 'Requests to a llama-server beside those of a plain client, and many clients on one server',
  parts: ['overhead', 'clients'],
  rounds: 12,
  minutesPerRound: 0.8,
  usesTools: true,
  run: async (context) => {
    const backend = await withModel(context, {}, ({ info }) => Promise.resolve(info.backend));
    const toolPath = context.tools['llama-server'];
    if (toolPath === null) return { figures: [], setup: {}, notes: [notCompared('llama-server')], backend };
    const { includes, modelPath, threads } = context;
    const measured = await openMeasurements(context.servingFolder, {
      ...context,
      modelName: basename(modelPath, '.gguf'),
    });
    const start = (slots: number, contextTokens: number): Promise<LlamaServer> =>
      LlamaServer.start(toolPath, { modelPath, threads, contextTokens, slots }, context.signal);
    const parts: PartResult[] = [];
    if (includes('overhead'))
      parts.push(
        await onServer(context, 'overhead', {
          start: () => start(1, benchContextTokens),
          use: (server) => serverOverheadPart(server, measured, context),
        }),
      );
    if (includes('clients'))
      parts.push(
        await onServer(context, 'clients', {
          start: () => start(mostClients, mostClients * slotTokens),
          use: (server) => clientCountsPart(server, measured, context),
        }),
      );
    await measured.remove();
    return {
      figures: parts.flatMap(({ figures }) => figures),
      setup: {},
      notes: parts.flatMap(({ notes }) => notes),
      backend,
    };
  },
};

/** Measures a part on a server of its own, and adds how busy the machine was. */
async function onServer(
  { signal }: Pick<SuiteContext, 'signal'>,
  part: string,
  {
    start,
    use,
  }: {
    readonly start: () => Promise<LlamaServer>;
    readonly use: (server: LlamaServer) => Promise<PartResult>;
  },
): Promise<PartResult> {
  const [before = 0] = loadavg();
  const server = await start();
  try {
    const { figures, notes } = await use(server);
    const [after = 0] = loadavg();
    signal.throwIfAborted();
    return { figures, notes: [...notes, loadNote(part, before, after)] };
  } finally {
    await server.stop();
  }
}

function loadNote(part: string, before: number, after: number): string {
  return (
    `Load average of a minute, part ${part}: ${before.toFixed(1)} before it began and ${after.toFixed(1)} at its end. ` +
    'The measuring itself counts in the latter.'
  );
}
