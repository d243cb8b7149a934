import { readFileSync } from 'node:fs';
import type { CLibrary } from './nativeMemory.ts';

/** `madvise` of Linux: large pages from the next touch on, and large pages now (since 6.1; refused before). */
const adviseHugePages = 14;
const adviseCollapse = 25;

/** Smaller areas win nothing that could be measured. */
const leastBytes = 8 * 1024 * 1024;

/** Addresses from the first to the one after the last. */
export interface AddressRange {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * Asks Linux for pages of 2 MiB for the large areas of memory that a native call adds to this process: the matrices that
 * every token reads whole, and the cache. With pages of 4 KiB, decoding is up to a fifth slower, by chance of where they
 * lie ([measured](../../../../docs/decisions/hugePages.md)). Elsewhere, and where the system is set to `never`, nothing
 * happens: it is advice, and a refusal of it is not an error.
 */
export class HugePages {
  readonly #advise: CLibrary['adviseMemory'];
  readonly #before: readonly AddressRange[];

  /** Remembers what memory there is already. */
  constructor(cLibrary: CLibrary | null) {
    this.#advise = cLibrary?.adviseMemory ?? null;
    this.#before = this.#advise === null ? [] : ownMemory();
  }

  /** For memory that was reserved since, and mostly not touched yet. */
  prefer(): void {
    this.#adviseAdded(adviseHugePages);
  }

  /** For memory that was reserved and filled since. Copies it, at the speed of memory. */
  collapse(): void {
    this.#adviseAdded(adviseCollapse);
  }

  #adviseAdded(advice: number): void {
    if (this.#advise === null) return;
    for (const { start, end } of addedRanges(this.#before, ownMemory())) {
      if (end - start >= leastBytes) this.#advise(start, Number(end - start), advice);
    }
  }
}

/** The parts of `now` that are not in `before`. Both in ascending order, each without overlaps. Pure. */
export function addedRanges(
  before: readonly AddressRange[],
  now: readonly AddressRange[],
): readonly AddressRange[] {
  return now.flatMap((range) => {
    const added: AddressRange[] = [];
    let from = range.start;
    for (const known of before) {
      if (known.end <= from || known.start >= range.end) continue;
      if (known.start > from) added.push({ start: from, end: known.start });
      from = known.end;
    }
    if (from < range.end) added.push({ start: from, end: range.end });
    return added;
  });
}

/** The writable areas of a `/proc/PID/maps` that belong to no file. Pure. */
export function privateMemory(maps: string): readonly AddressRange[] {
  const anonymous = /^([\da-f]+)-([\da-f]+) rw-p \d+ 00:00 0\s*$/gm;
  return Array.from(maps.matchAll(anonymous), ([, start, end]) => ({
    start: BigInt(`0x${start ?? '0'}`),
    end: BigInt(`0x${end ?? '0'}`),
  }));
}

function ownMemory(): readonly AddressRange[] {
  try {
    return privateMemory(readFileSync('/proc/self/maps', 'utf8'));
  } catch {
    return []; // Without /proc there is nothing to advise.
  }
}
