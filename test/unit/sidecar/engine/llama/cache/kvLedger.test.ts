import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvLedger } from '../../../../../../sidecar/engine/llama/cache/kvLedger.ts';

describe('KvLedger', () => {
  it('counts a shared cell once and frees it with its last holder', () => {
    const ledger = new KvLedger(10);
    ledger.extend(0, 4);
    ledger.share(0, 1, 3);
    expect(ledger.freeCount).toBe(6);
    expect(ledger.length(1)).toBe(3);
    ledger.truncate(0, 0);
    expect(ledger.freeCount).toBe(7);
    ledger.truncate(1, 1);
    expect(ledger.freeCount).toBe(9);
    ledger.truncate(1, 0);
    expect(ledger.freeCount).toBe(10);
  });

  it('shares only what the target does not hold itself', () => {
    const ledger = new KvLedger(10);
    ledger.extend(0, 5);
    ledger.extend(1, 2);
    ledger.share(0, 1, 4);
    expect(ledger.length(1)).toBe(4);
    expect(ledger.freeCount).toBe(3);
    ledger.truncate(0, 0);
    // Positions 2 and 3 live on in the other sequence.
    expect(ledger.freeCount).toBe(6);
  });

  it('tells how much of what a sequence holds is not its own alone', () => {
    const ledger = new KvLedger(10);
    ledger.extend(0, 5);
    expect(ledger.sharedLength(0)).toBe(0);
    ledger.share(0, 1, 3);
    ledger.extend(1, 1);
    expect([0, 1, 2].map((sequence) => ledger.sharedLength(sequence))).toEqual([3, 3, 0]);
    ledger.truncate(1, 2);
    expect([0, 1].map((sequence) => ledger.sharedLength(sequence))).toEqual([2, 2]);
  });

  it('lets go of positions in the middle, and those behind move up', () => {
    const ledger = new KvLedger(10);
    ledger.extend(0, 6);
    ledger.share(0, 1, 3);
    ledger.remove(0, 1, 4);
    expect(ledger.length(0)).toBe(3);
    // Positions 1 and 2 live on in the other sequence, position 3 is free.
    expect(ledger.freeCount).toBe(5);
    ledger.truncate(1, 0);
    expect(ledger.freeCount).toBe(7);
  });

  it('knows who else holds cells of a sequence', () => {
    const ledger = new KvLedger(20);
    ledger.extend(0, 6);
    ledger.share(0, 1, 3);
    ledger.share(0, 2, 5);
    ledger.extend(3, 2);
    expect(ledger.sharers(0, 0)).toEqual([1, 2]);
    expect(ledger.sharers(0, 3)).toEqual([2]);
    expect(ledger.sharers(0, 5)).toEqual([]);
    expect(ledger.sequences).toEqual([0, 1, 2, 3]);
  });

  it('refuses to hand out cells it does not have', () => {
    const ledger = new KvLedger(2);
    expect(() => {
      ledger.extend(0, 3);
    }).toThrow();
  });

  it('has every cell back once every sequence is cut to nothing', () => {
    const operation = fc.record({
      kind: fc.constantFrom('extend' as const, 'share' as const, 'truncate' as const, 'remove' as const),
      sequence: fc.integer({ min: 0, max: 4 }),
      other: fc.integer({ min: 0, max: 4 }),
      count: fc.integer({ min: 0, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const ledger = new KvLedger(64);
        for (const { kind, sequence, other, count } of operations) {
          if (kind === 'extend' && count <= ledger.freeCount) ledger.extend(sequence, count);
          if (kind === 'share' && sequence !== other) ledger.share(other, sequence, count);
          if (kind === 'truncate') ledger.truncate(sequence, count);
          if (kind === 'remove') ledger.remove(sequence, count, count + other);
          expect(ledger.freeCount).toBeGreaterThanOrEqual(0);
        }
        for (let sequence = 0; sequence <= 4; sequence++) ledger.truncate(sequence, 0);
        expect(ledger.freeCount).toBe(64);
      }),
    );
  });
});
