import type { Model } from '../../../sidecar/engine/engine.ts';
import { createRemoteEngine } from '../../../sidecar/engine/remote/remoteEngine.ts';
import { type ServerLimits, usualLimits } from '../../../sidecar/engine/remote/serverConnection.ts';
import type { ServerSource } from '../../../sidecar/engine/engineSource.ts';
import { unhurried } from '../engine/generating.ts';

/** What a test replaces of how a server is opened. */
interface Opening extends Partial<ServerSource> {
  readonly limits?: Partial<ServerLimits>;
  readonly maxSequences?: number;
  readonly now?: () => number;
  /** Takes the lines that are logged. */
  readonly log?: string[];
}

/** A server's model, opened as the product opens it. */
export function openRemote(address: string, opening: Opening = {}): Promise<Model> {
  const { limits, maxSequences = 8, now = () => 0, log = [], ...members } = opening;
  const engine = createRemoteEngine({
    limits: { ...usualLimits, ...limits },
    now,
    log: (line) => log.push(line),
  });
  const source: ServerSource = {
    kind: 'server',
    address,
    modelName: null,
    protocol: 'auto',
    key: null,
    ...members,
  };
  const options = { contextTokens: 0, maxSequences, threads: 0, speculation: 'off' } as const;
  return engine.open(source, options, unhurried);
}
