import { setTimeout as delay } from 'node:timers/promises';
import { isRecord } from '../../protocol/isRecord.ts';
import type { ServerEntry } from '../../protocol/messages.ts';

/** Where lists are kept on this machine for this user, as VS Code's `globalState` is. */
export interface ListStore {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** Where keys are kept, as VS Code's `SecretStorage` is. */
export interface KeyStore {
  get(name: string): PromiseLike<string | undefined>;
  store(name: string, key: string): PromiseLike<void>;
  delete(name: string): PromiseLike<void>;
}

/** Servers with the same model and key that share requests, most often one alone. */
export interface ServerGroup {
  /** As `readServerAddress` gives it; settings name the group by it. */
  readonly address: string;
  /** The further ones. */
  readonly others: readonly string[];
}

/** What the user agreed to send to. */
export interface AddedServer extends ServerGroup {
  readonly hasKey: boolean;
}

export interface AddedServersOptions {
  readonly list: ListStore;
  readonly keys: KeyStore;
  readonly warn: (line: string) => void;
  /** How long a start waits for keys: a keyring may ask its user first. Default two seconds. */
  readonly keysMs?: number;
}

const listKey = 'servers';
const usualKeysMs = 2_000;
const shownInPlace = '[hidden key]';

/**
 * The servers that the user agreed to send to: addresses in the list of this machine, keys in the editor's secret storage and in
 * memory, and nowhere else. Adding and removing calls the listener.
 */
export class AddedServers {
  readonly #options: AddedServersOptions;
  readonly #known = new Map<string, string>();
  /** Every key that was given or read since the start, those of servers that were not added and of removed ones too. */
  readonly #hidden = new Set<string>();
  #onChanged: () => void = () => undefined;

  constructor(options: AddedServersOptions) {
    this.#options = options;
  }

  /** In the order of adding. */
  get all(): readonly AddedServer[] {
    const kept = this.#options.list.get(listKey);
    return Array.isArray(kept) ? kept.flatMap((value) => addedServer(value) ?? []) : [];
  }

  /** Undefined for a server that was not added. */
  find(address: string): AddedServer | undefined {
    return this.all.find((server) => server.address === address);
  }

  /** Called after each change, also when a key has come that a start did not wait for. One listener. */
  onChanged(listener: () => void): void {
    this.#onChanged = listener;
  }

  /** The key of a server; null for one without; undefined for one whose key is gone, which nothing may be sent to without. */
  async keyOf(address: string): Promise<string | null | undefined> {
    const key = this.#known.get(address) ?? (await this.#options.keys.get(secretName(address)));
    if (key !== undefined) this.hide(key);
    return key ?? (this.find(address)?.hasKey === true ? undefined : null);
  }

  /** Takes a key out of texts from now on: called before a key is sent anywhere, as each message may be logged. */
  hide(key: string): void {
    if (key !== '') this.#hidden.add(key);
  }

  /**
   * Servers as the sidecar takes them. One whose key is not there in time, or cannot be read, is left out: without its key it would
   * be asked as a stranger. The listener is called when it comes. Never rejects.
   */
  async entries(): Promise<readonly ServerEntry[]> {
    const { keysMs = usualKeysMs } = this.#options;
    const waiting = this.all.filter(({ address, hasKey }) => hasKey && !this.#known.has(address));
    if (waiting.length > 0) {
      let isLate = false;
      const read = Promise.all(waiting.map(({ address }) => this.#readKey(address))).then((found) => {
        if (isLate && found.includes(true)) this.#onChanged();
      });
      const late = new AbortController();
      const patience = delay(keysMs, undefined, { signal: late.signal }).catch(() => undefined);
      await Promise.race([read, patience]);
      isLate = true;
      late.abort();
    }
    return this.all.flatMap(({ address, others, hasKey }) => {
      const key = this.#known.get(address);
      if (!hasKey) return [{ address, others }];
      return key === undefined ? [] : [{ address, others, key }];
    });
  }

  /** Adds servers that the user agreed to, or gives them another key; null for none. */
  async add({ address, others }: ServerGroup, key: string | null): Promise<void> {
    const { list, keys } = this.#options;
    if (key !== null) this.hide(key);
    if (key === null) await keys.delete(secretName(address));
    else await keys.store(secretName(address), key);
    if (key === null) this.#known.delete(address);
    else this.#keep(address, key);
    const before = this.all.filter((server) => server.address !== address);
    await list.update(listKey, [...before, { address, others, hasKey: key !== null }]);
    this.#onChanged();
  }

  /** Takes note that what is kept under a name has changed, as another window does it. Never rejects. */
  async secretChanged(name: string): Promise<void> {
    const address = this.all.find((server) => secretName(server.address) === name)?.address;
    if (address === undefined) return;
    try {
      const key = await this.#options.keys.get(name);
      if (key === this.#known.get(address)) return;
      if (key === undefined) this.#known.delete(address);
      else this.#keep(address, key);
      this.#onChanged();
    } catch (error) {
      this.#options.warn(`The key of ${address} could not be read: ${String(error)}`);
    }
  }

  /** Forgets a server and its key. */
  async remove(address: string): Promise<void> {
    const { list, keys } = this.#options;
    await list.update(
      listKey,
      this.all.filter((server) => server.address !== address),
    );
    this.#known.delete(address);
    await keys.delete(secretName(address));
    this.#onChanged();
  }

  /** A text without the keys that may be in it, as it is or as JSON has it. */
  withoutKeys(text: string): string {
    // The longest first: one key may begin with another.
    return [...this.#hidden]
      .toSorted((a, b) => b.length - a.length)
      .flatMap((key) => [key, JSON.stringify(key).slice(1, -1)])
      .reduce((hidden, key) => hidden.replaceAll(key, shownInPlace), text);
  }

  #keep(address: string, key: string): void {
    this.hide(key);
    this.#known.set(address, key);
  }

  /** Whether there is one. */
  async #readKey(address: string): Promise<boolean> {
    try {
      const key = await this.#options.keys.get(secretName(address));
      if (key === undefined) {
        this.#options.warn(`The key of ${address} is gone. Add the server again.`);
        return false;
      }
      this.#keep(address, key);
      return true;
    } catch (error) {
      this.#options.warn(`The key of ${address} could not be read: ${String(error)}`);
      return false;
    }
  }
}

function secretName(address: string): string {
  return `serverKey ${address}`;
}

/** Null for what is none. A list of an earlier release has no others. */
function addedServer(value: unknown): AddedServer | null {
  if (!isRecord(value)) return null;
  const { address, others = [], hasKey } = value;
  if (typeof address !== 'string' || typeof hasKey !== 'boolean' || !Array.isArray(others)) return null;
  return { address, others: others.filter((other) => typeof other === 'string'), hasKey };
}
