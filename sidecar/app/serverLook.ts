import type { ServerEntry, ServerListing } from '../../protocol/messages.ts';
import { readServerAddress } from '../../protocol/serverAddress.ts';
import { ServerConnection } from '../engine/remote/serverConnection.ts';
import { listServer } from '../engine/remote/serverDescription.ts';
import { ServerKey } from '../engine/serverKey.ts';

/** What a server has, whether or not it was added. Throws `parameter.invalid` and as `ServerConnection` does. */
export function lookAtServer(
  { address, key }: Pick<ServerEntry, 'address' | 'key'>,
  signal: AbortSignal,
): Promise<ServerListing> {
  const server = {
    address: readServerAddress(address),
    key: key === undefined ? null : new ServerKey(key),
  };
  return listServer(new ServerConnection(server), signal);
}
