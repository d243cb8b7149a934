import { describe, expect, it } from 'vitest';
import {
  type EvictedDependencies,
  EvictedPrefixes,
} from '../../../../../../sidecar/engine/llama/cache/evictedPrefixes.ts';
import { PrefixFiles } from '../../../../../../sidecar/engine/llama/cache/prefixFiles.ts';
import { temporaryFolder } from '../../../../../support/machine/temporaryFolder.ts';

/** A byte for each token, and a clock that moves by what copying takes. */
class Cells {
  nowMs = 0;
  saveMsPerToken = 0.01;
  restoreMsPerToken = 0.01;
  readonly saves: (readonly [number, number])[] = [];
  /** What was brought back, as cells id and positions. */
  readonly restores: (readonly [number, number, number])[] = [];
  fits = true;

  readonly state: EvictedDependencies['state'] = {
    save: (_cellsId, from, to) => {
      this.saves.push([from, to]);
      this.nowMs += (to - from) * this.saveMsPerToken;
      return new Uint8Array(to - from);
    },
    restore: (_bytes, cellsId, from, to) => {
      this.restores.push([cellsId, from, to]);
      this.nowMs += (to - from) * this.restoreMsPerToken;
      return this.fits;
    },
  };

  evicted(options: Partial<EvictedDependencies> = {}): EvictedPrefixes {
    const { state } = this;
    return new EvictedPrefixes({
      state,
      budgetBytes: 10_000,
      files: null,
      now: () => this.nowMs,
      ...options,
    });
  }
}

const text = (count: number, first = 0): readonly number[] =>
  Array.from({ length: count }, (_, i) => first + i);

function bringBack(evicted: EvictedPrefixes, tokens: readonly number[], from = 0): readonly string[] {
  return evicted.parts(tokens, from).map((part) => {
    const isBack = evicted.bringBack(part, 7);
    return `${part.source} ${part.part.from}…${part.part.to}${isBack ? '' : ' failed'}`;
  });
}

describe('copies of prefixes in host memory', () => {
  it('come back from where the sequence ends to where the texts part', () => {
    const evicted = new Cells().evicted();
    evicted.keep(3, text(200), 100);
    evicted.keep(3, text(100), 0);
    expect(bringBack(evicted, [...text(150), 9999])).toEqual(['memory 0…100', 'memory 100…150']);
    expect(bringBack(evicted, text(200), 60)).toEqual(['memory 60…100', 'memory 100…200']);
  });

  it('are made once, in pieces, and not of a few tokens', () => {
    const cells = new Cells();
    const evicted = cells.evicted();
    evicted.keep(3, text(1000), 0);
    expect(cells.saves).toEqual([
      [488, 1000],
      [0, 488],
    ]);
    evicted.keep(4, text(1000), 600);
    evicted.keep(4, text(20, 5000), 0);
    expect(cells.saves).toHaveLength(2);
  });

  it('keep the beginning of a text that is longer than the budget', () => {
    const evicted = new Cells().evicted({ budgetBytes: 600 });
    evicted.keep(3, text(1000), 0);
    expect(bringBack(evicted, text(1000))).toEqual(['memory 0…488']);
  });

  it('are neither made nor used while that is measured to take longer than decoding', () => {
    const cells = new Cells();
    const evicted = cells.evicted();
    evicted.notePrefill(100, 100);
    evicted.keep(3, text(200), 0);
    expect(evicted.parts(text(200), 0)).toHaveLength(1);
    // The first that comes back takes 5 milliseconds a token; decoding takes one.
    cells.restoreMsPerToken = 5;
    bringBack(evicted, text(200));
    expect(evicted.parts(text(200), 0)).toEqual([]);
    evicted.keep(3, text(200, 3000), 0);
    expect(cells.saves).toHaveLength(1);
    // A slower decoder turns it round.
    for (let i = 0; i < 10; i++) evicted.notePrefill(100, 2000);
    expect(evicted.parts(text(200), 0)).toHaveLength(1);
  });

  it('are forgotten when they do not fit, and when everything is', () => {
    const cells = new Cells();
    const evicted = cells.evicted();
    evicted.keep(3, text(200), 0);
    evicted.keep(3, text(200, 3000), 0);
    cells.fits = false;
    expect(bringBack(evicted, text(200))).toEqual(['memory 0…200 failed']);
    expect(evicted.parts(text(200), 0)).toEqual([]);
    expect(evicted.parts(text(200, 3000), 0)).toHaveLength(1);
    evicted.clear();
    expect(evicted.parts(text(200, 3000), 0)).toEqual([]);
  });

  it('go on with what is on disk', async () => {
    await using folder = await temporaryFolder();
    const files = await PrefixFiles.open({
      folder: folder.path,
      key: 'model',
      budgetBytes: 10_000,
      date: () => new Date(),
    });
    const cells = new Cells();
    const evicted = cells.evicted({ files, budgetBytes: 450 });
    evicted.keep(3, text(400), 0);
    evicted.keep(3, text(400, 3000), 0);
    await evicted.settled();
    // Memory has room for one of the two, disk for both.
    expect(bringBack(evicted, text(400))).toEqual(['disk 0…400']);
    expect(bringBack(evicted, text(400, 3000))).toEqual(['memory 0…400']);
  });
});
