import { folderBytes, liesInMemory } from './folderBytes.ts';

/** Between the end of one count and the next: a large folder takes a part of a second. */
const restMs = 500;

/** Counts again and again what a folder holds, until it is disposed. */
export class FolderWatch {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #disposal = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #isInMemory = false;

  /** Above the limit it counts no further. */
  constructor(folder: string, limitBytes: number) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
    void this.#count();
  }

  /** As of the last count; 0 before the first. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The part of these that is in memory instead of on a disk. */
  get memoryBytes(): number {
    return this.#isInMemory ? this.#bytes : 0;
  }

  dispose(): void {
    this.#disposal.abort();
    clearTimeout(this.#timer);
  }

  /** Never rejects. */
  async #count(): Promise<void> {
    const { signal } = this.#disposal;
    this.#isInMemory = await liesInMemory(this.#folder);
    const bytes = await folderBytes(this.#folder, this.#limitBytes, signal);
    if (signal.aborted) return;
    this.#bytes = bytes;
    this.#timer = setTimeout(() => void this.#count(), restMs);
  }
}
