import { createHash } from 'node:crypto';
import { CodedError } from '../../../protocol/codedError.ts';
import { hostOf } from '../../../protocol/serverAddress.ts';
import { onAbort } from '../../process/onAbort.ts';
import type { Capabilities } from '../capabilities.ts';
import type { Engine, LoadOptions, Model, ModelInfo } from '../engine.ts';
import { type ServerSource, unsupportedSource } from '../engineSource.ts';
import { LlamaTextServer } from './llamaTextServer.ts';
import { RemoteModel } from './remoteModel.ts';
import { ServerConnection, type ServerLimits, usualLimits } from './serverConnection.ts';
import { openServersOf } from './openingServers.ts';
import { describeServer, type ServerDescription } from './serverDescription.ts';
import { findServerInfill } from './serverInfill.ts';
import { type PoolSurroundings, ServerPool } from './serverPool.ts';
import { OpenAiTextServer } from './openAiTextServer.ts';
import { probeServer, serverCapabilities } from './serverProbe.ts';
import { beginTokenOf, tokensOf } from './serverTokens.ts';
import { TextPieces } from './textPieces.ts';
import type { TextServer } from './textServer.ts';

export interface RemoteSurroundings extends PoolSurroundings {
  /** Default `usualLimits`. */
  readonly limits?: ServerLimits;
}

/**
 * An engine whose models are those of servers. Opening one asks the server what it is and has it write up to eight
 * tokens. A server that goes away fails its requests and not the engine.
 */
export function createRemoteEngine(surroundings: RemoteSurroundings): Engine {
  const models = new Set<Model>();
  let isDisposed = false;
  return {
    open: async (source, options, signal) => {
      if (source.kind !== 'server') throw unsupportedSource(source);
      const closing = new AbortController();
      const end = (): void => {
        closing.abort();
      };
      if (signal.aborted) end();
      const stopListening = onAbort(signal, end);
      let isOpen = false;
      let server: TextServer;
      try {
        server = await openServers(source, { surroundings, options }, closing.signal);
        isOpen = true;
      } finally {
        stopListening();
        // Nothing goes on for a model that is not there.
        if (!isOpen) end();
      }
      const model = new RemoteModel(server, {
        maxSequences: maxSequencesOf(options),
        onDispose: end,
        now: surroundings.now,
      });
      if (isDisposed) {
        await model.dispose();
        throw new CodedError('engine.failed', 'The engine has ended.', 'Start it again.');
      }
      models.add(model);
      return model;
    },
    // A process of its own runs the models: that it ends is the failure of a request.
    onFailed: () => undefined,
    dispose: async () => {
      isDisposed = true;
      await Promise.all([...models].map((model) => model.dispose()));
    },
  };
}

function maxSequencesOf({ maxSequences }: LoadOptions): number {
  return Math.max(1, maxSequences);
}

/** One server, or several as one, of which at least one must be there. `signal` ends the looks at those that are not. */
async function openServers(
  source: ServerSource,
  { surroundings, options }: { readonly surroundings: RemoteSurroundings; readonly options: LoadOptions },
  signal: AbortSignal,
): Promise<TextServer> {
  // Servers that only know texts share the ids that these are given here.
  const opening = { limits: surroundings.limits ?? usualLimits, pieces: new TextPieces(), options };
  const { others = [] } = source;
  if (others.length === 0) return openServer(source, opening, signal);
  const places = [source.address, ...others].map((address) => ({
    address,
    open: () => openServer({ ...source, address }, opening, signal),
  }));
  return new ServerPool(await openServersOf(places), surroundings, signal);
}

async function openServer(
  source: ServerSource,
  {
    limits,
    pieces,
    options,
  }: { readonly limits: ServerLimits; readonly pieces: TextPieces; readonly options: LoadOptions },
  signal: AbortSignal,
): Promise<TextServer> {
  const connection = new ServerConnection(source, limits);
  const description = await describeServer(connection, source, signal);
  const probe = await probeServer(connection, description, signal);
  const capabilities = serverCapabilities(description, probe, options.thinkingForm);
  if (description.protocol === 'llamaServer')
    return openLlamaServer(connection, description, { capabilities, signal });
  const answeredName = probe.answeredName ?? description.modelName;
  const named = { ...description, shownName: nameWith(description, answeredName) };
  const info = infoOf(connection, named, { capabilities, infill: null, endTokens: [pieces.endToken] });
  return new OpenAiTextServer(connection, description, { info, pieces, answeredName });
}

async function openLlamaServer(
  connection: ServerConnection,
  description: ServerDescription,
  { capabilities, signal }: { readonly capabilities: Capabilities; readonly signal: AbortSignal },
): Promise<TextServer> {
  const { beginText, endText } = description;
  const server = { connection, description };
  const infill = await findServerInfill(server, description.shownName, signal);
  const beginToken = await beginTokenOf(server, beginText, signal);
  const end =
    endText === null ? [] : (await tokensOf(server, { text: endText, special: true }, signal)).slice(-1);
  const furtherEnds = infill?.ends.filter((id) => !end.includes(id)) ?? [];
  const found = infoOf(connection, description, {
    capabilities,
    infill: infill?.tokens ?? null,
    endTokens: [...end, ...furtherEnds],
  });
  // The token that begins a prompt takes a place of its own.
  const info = beginToken === null ? found : { ...found, contextTokens: found.contextTokens - 1 };
  return new LlamaTextServer(connection, description, { info, beginToken, furtherEnds });
}

/** A gateway's model with the name of the one that answers for it: with that changes what its answers are worth. */
function nameWith({ modelName, shownName }: ServerDescription, answeredName: string): string {
  return answeredName === modelName ? shownName : `${shownName} (${answeredName})`;
}

function infoOf(
  { address }: ServerConnection,
  description: ServerDescription,
  found: Pick<ModelInfo, 'capabilities' | 'infill' | 'endTokens'>,
): ModelInfo {
  const { shownName, software, protocol, vocabularySize, contextTokens, hasChatTemplate } = description;
  // Not the release of the server: the model stays the same when that is renewed.
  const facts = JSON.stringify([shownName, protocol, vocabularySize]);
  return {
    identity: {
      name: shownName,
      hash: createHash('sha256').update(facts).digest('hex'),
      hashKind: 'served',
      server: hostOf(address),
    },
    contextTokens: contextTokens ?? unknownContextTokens,
    hasChatTemplate,
    backend: `${software} at ${address}`,
    ...found,
    local: null,
  };
}

/** Taken where a server does not say how much it can read: what most can. */
const unknownContextTokens = 4096;
