/** A map that forgets what was used least recently once it holds more than its limit. */
export class LeastRecentMap<Key, Value> {
  readonly #limit: number;
  readonly #entries = new Map<Key, Value>();
  readonly #onForget: (key: Key, value: Value) => void;

  constructor(limit: number, onForget: (key: Key, value: Value) => void = () => undefined) {
    if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`limit must be at least 1, not ${limit}`);
    this.#limit = limit;
    this.#onForget = onForget;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    // Insertion order is age: moved to the end, it is the youngest.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    const oldest = this.#entries.entries().next().value;
    if (oldest === undefined) return;
    this.#entries.delete(oldest[0]);
    this.#onForget(oldest[0], oldest[1]);
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  clear(): void {
    for (const [key, value] of this.#entries) this.#onForget(key, value);
    this.#entries.clear();
  }
}

export interface RetryOptions {
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly isWorthRetrying: (error: unknown) => boolean;
}

/** Calls `work` until it succeeds, waiting twice as long after each failure. Throws the last error. */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions,
  wait: (ms: number) => Promise<void>,
): Promise<T> {
  let delayMs = options.firstDelayMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= options.attempts || !options.isWorthRetrying(error)) throw error;
      await wait(delayMs);
      delayMs *= 2;
    }
  }
}

/** Groups items by a key, in the order in which the keys first appear. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

export function debounce<Args extends readonly unknown[]>(
  callback: (...args: Args) => void,
  delayMs: number,
): (...args: Args) => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  return (...args) => {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      callback(...args);
    }, delayMs);
  };
}
