import { CodedError } from '../../protocol/codedError.ts';
import type { ServerEntry } from '../../protocol/messages.ts';
import { readServerAddress } from '../engine/remote/serverAddress.ts';
import type { ServerSource } from '../engine/engineSource.ts';
import { ServerKey } from '../engine/serverKey.ts';

/**
 * The servers that the user has added, with their keys, in memory alone. A setting names a server's model by its address, and
 * after a `#` its name; where nobody has added that server, nothing is sent to it.
 */
export class ServerBook {
  readonly #sources = new Map<string, ServerSource>();

  /** Throws `parameter.invalid` for a text that is not an address. Added again, it takes the new key. */
  add({ address, others = [], model, key }: ServerEntry): void {
    const source: ServerSource = {
      kind: 'server',
      address: readServerAddress(address),
      modelName: model ?? null,
      protocol: 'auto',
      key: key === undefined ? null : new ServerKey(key),
      others: others.map(readServerAddress),
    };
    this.#sources.set(serverModelName(source), source);
  }

  /** The server's model of this name; null for the name of a file. Throws `server.unknown` for a server nobody has added. */
  find(name: string): ServerSource | null {
    if (!/^https?:\/\//.test(name)) return null;
    const found = this.#sources.get(name);
    if (found !== undefined) return found;
    throw new CodedError(
      'server.unknown',
      `The server ${withoutPassword(name)} was not added, so nothing is sent to it.`,
      'Add it first, or choose a model of this machine.',
    );
  }
}

/** What a setting names a server's model by. Pure. */
export function serverModelName({ address, modelName }: Pick<ServerSource, 'address' | 'modelName'>): string {
  return modelName === null ? address : `${address}#${modelName}`;
}

function withoutPassword(name: string): string {
  return name.replace(/\/\/[^/@]*@/, '//');
}
