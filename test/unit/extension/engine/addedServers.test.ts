import { describe, expect, it } from 'vitest';
import { AddedServers, type KeyStore } from '../../../../extension/engine/addedServers.ts';
import { traceChannel, type WrittenLog } from '../../../../extension/engine/traceChannel.ts';

const address = 'http://gpu-box:8080';
const one = { address, others: [] };
const key = 'sk-canary-"31c';

/** Stores as VS Code has them, of which a test sees what they keep. */
class Stores {
  readonly list = new Map<string, unknown>();
  readonly secrets = new Map<string, string>();
  readonly warnings: string[] = [];
  /** What reading a key waits for. */
  gate: Promise<void> = Promise.resolve();
  keys: KeyStore = {
    get: async (name) => {
      await this.gate;
      return this.secrets.get(name);
    },
    store: (name, value) => Promise.resolve(void this.secrets.set(name, value)),
    delete: (name) => Promise.resolve(void this.secrets.delete(name)),
  };

  /** As after a start of the editor. */
  open(keysMs?: number): AddedServers {
    return new AddedServers({
      list: {
        get: (name) => this.list.get(name),
        update: (name, value) => Promise.resolve(void this.list.set(name, value)),
      },
      keys: this.keys,
      warn: (line) => this.warnings.push(line),
      ...(keysMs !== undefined && { keysMs }),
    });
  }
}

describe('servers that the user added', () => {
  it('are there after a restart, with their keys, which are in the secret storage alone', async () => {
    const stores = new Stores();
    await stores.open().add(one, key);
    await stores.open().add({ address: 'http://127.0.0.1:9', others: ['http://127.0.0.1:10'] }, null);
    const again = stores.open();
    expect(again.find(address)).toEqual({ ...one, hasKey: true });
    expect(await again.entries()).toEqual([
      { ...one, key },
      { address: 'http://127.0.0.1:9', others: ['http://127.0.0.1:10'] },
    ]);
    expect(JSON.stringify([...stores.list])).not.toContain('sk-canary');
    expect([...stores.secrets.values()]).toEqual([key]);
  });

  it('of an earlier release have no others', async () => {
    const stores = new Stores();
    stores.list.set('servers', [{ address, hasKey: false }, { address: 7 }, null]);
    expect(await stores.open().entries()).toEqual([one]);
  });

  it('are forgotten with their keys, and each change is said', async () => {
    const stores = new Stores();
    const servers = stores.open();
    const changes: number[] = [];
    servers.onChanged(() => changes.push(servers.all.length));
    await servers.add(one, 'sk-1');
    await servers.add(one, 'sk-2');
    expect(await servers.keyOf(address)).toBe('sk-2');
    await servers.remove(address);
    expect(changes).toEqual([1, 1, 0]);
    expect([await servers.entries(), [...stores.secrets]]).toEqual([[], []]);
  });

  it('have the key that another window gives them, or takes away', async () => {
    const stores = new Stores();
    const [servers, elsewhere] = [stores.open(), stores.open()];
    let changes = 0;
    elsewhere.onChanged(() => (changes += 1));
    await servers.add(one, 'sk-1');
    await elsewhere.entries();
    const [name = ''] = stores.secrets.keys();
    await servers.add(one, key);
    await elsewhere.secretChanged(name);
    await elsewhere.secretChanged(name);
    await elsewhere.secretChanged('of something else');
    expect(await elsewhere.entries()).toEqual([{ ...one, key }]);
    expect(elsewhere.withoutKeys(key)).toBe('[hidden key]');
    expect(changes).toBe(1);
    stores.secrets.clear();
    await elsewhere.secretChanged(name);
    expect(await elsewhere.entries()).toEqual([]);
    expect(changes).toBe(2);
  });

  it('whose key is late are left out until it comes', async () => {
    const stores = new Stores();
    await stores.open().add(one, key);
    let unlock = (): void => undefined;
    stores.gate = new Promise((resolve) => {
      unlock = resolve;
    });
    const servers = stores.open(1);
    const changed = new Promise<void>((resolve) => {
      servers.onChanged(resolve);
    });
    expect(await servers.entries()).toEqual([]);
    unlock();
    await changed;
    expect(await servers.entries()).toEqual([{ ...one, key }]);
  });

  it('whose key is gone or cannot be read are left out, with a warning that has no key in it', async () => {
    const stores = new Stores();
    await stores.open().add(one, key);
    stores.secrets.clear();
    expect(await stores.open().entries()).toEqual([]);
    expect(await stores.open().keyOf(address)).toBeUndefined();
    expect(await stores.open().keyOf('http://other')).toBeNull();
    stores.keys = { ...stores.keys, get: () => Promise.reject(new Error('The keyring is locked.')) };
    expect(await stores.open().entries()).toEqual([]);
    expect(stores.warnings).toEqual([
      expect.stringContaining('is gone'),
      expect.stringContaining('The keyring is locked.'),
    ]);
  });

  it('are none where the list is not as it was written', () => {
    const stores = new Stores();
    stores.list.set('servers', [{ address }, 7, { address, hasKey: false }]);
    expect(stores.open().all).toEqual([{ ...one, hasKey: false }]);
    stores.list.set('servers', 'none');
    expect(stores.open().all).toEqual([]);
  });
});

/** The log of a client that traces its messages, and what was written to it. */
function tracedBy(servers: AddedServers): { readonly traced: WrittenLog; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const take = (text: string | Error): void => void lines.push(String(text));
  const log = {
    ...{ trace: take, debug: take, info: take, warn: take, error: take },
    ...{ append: take, appendLine: take, replace: take },
    onDidChangeLogLevel: () => {
      throw new Error('Nobody asked for its level.');
    },
  };
  return { traced: traceChannel(log, (text) => servers.withoutKeys(text)), lines };
}

describe('messages that the client traces', () => {
  it('have no key in them, as it is or as JSON', async () => {
    const servers = new Stores().open();
    await servers.add(one, key);
    const { traced, lines } = tracedBy(servers);
    const message = JSON.stringify({ servers: [{ ...one, key }] }, null, 4);
    traced.trace(message);
    traced.debug(message);
    traced.info(message);
    traced.warn(message);
    traced.append(message);
    traced.appendLine(message);
    traced.error(new Error(`Bearer ${key}`));
    expect(lines).toHaveLength(7);
    for (const line of lines) expect(line).not.toContain('sk-canary');
    expect(lines[0]).toContain(address);
  });

  it('have no key of a server that is only looked at, as before it is added', () => {
    const servers = new Stores().open();
    const { traced, lines } = tracedBy(servers);
    servers.hide(key);
    servers.hide('sk-canary');
    servers.hide('');
    traced.trace(`Sending request 'entropane/servers/look - (3)'. ${JSON.stringify({ address, key })}`);
    expect(lines).toEqual([
      `Sending request 'entropane/servers/look - (3)'. {"address":"${address}","key":"[hidden key]"}`,
    ]);
  });

  it('have no key that was asked for without a start, nor that of a server that was removed', async () => {
    const stores = new Stores();
    await stores.open().add(one, key);
    const servers = stores.open();
    const { traced, lines } = tracedBy(servers);
    expect(await servers.keyOf(address)).toBe(key);
    traced.trace(JSON.stringify({ address, key }));
    await servers.remove(address);
    traced.trace(JSON.stringify({ address, key }));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).not.toContain('sk-canary');
  });
});
