import { CodedError } from '../../protocol/codedError.ts';
import type { ServerEntry } from '../../protocol/messages.ts';
import { isServerModel, readServerAddress, readServerModel } from '../../protocol/serverAddress.ts';
import type { ServerSource } from '../engine/engineSource.ts';
import { ServerKey } from '../engine/serverKey.ts';

/** A server that the user added. */
interface AddedServer {
  readonly key: ServerKey | null;
  readonly others: readonly string[];
}

/**
 * The servers that the user has added, with their keys, in memory alone. A setting names a server's model by its address, and
 * after a `#` its name; where nobody has added that server, nothing is sent to it.
 */
export class ServerBook {
  #servers: ReadonlyMap<string, AddedServer> = new Map();

  /**
   * Takes these in the place of those before. Returns the addresses of servers that are gone, or new, or have another key or other
   * companions. Throws `parameter.invalid` for a text that is not an address; then those before stay.
   */
  replace(entries: readonly ServerEntry[]): ReadonlySet<string> {
    const before = this.#servers;
    const now = new Map(entries.map(addedServer));
    this.#servers = now;
    const addresses = new Set([...before.keys(), ...now.keys()]);
    return new Set([...addresses].filter((address) => !isSame(before.get(address), now.get(address))));
  }

  /** The server's model of this name; null for the name of a file. Throws `server.unknown` for a server nobody has added. */
  find(name: string): ServerSource | null {
    if (!isServerModel(name)) return null;
    const read = readServerModel(name);
    const server = read === null ? undefined : this.#servers.get(read.address);
    if (read !== null && server !== undefined)
      return { kind: 'server', protocol: 'auto', ...read, ...server };
    throw new CodedError(
      'server.unknown',
      `The server ${withoutPassword(name)} was not added, so nothing is sent to it.`,
      'Add it first, or choose a model of this machine.',
    );
  }
}

function addedServer({ address, others = [], key }: ServerEntry): readonly [string, AddedServer] {
  return [
    readServerAddress(address),
    { key: key === undefined ? null : new ServerKey(key), others: others.map(readServerAddress) },
  ];
}

function isSame(first: AddedServer | undefined, second: AddedServer | undefined): boolean {
  return (
    first !== undefined &&
    second !== undefined &&
    first.key?.reveal() === second.key?.reveal() &&
    first.others.join(' ') === second.others.join(' ')
  );
}

function withoutPassword(name: string): string {
  return name.replace(/\/\/[^/@]*@/, '//');
}
