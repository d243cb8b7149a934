import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AcceptanceRecord } from '../../../sidecar/speculation/acceptanceRecord.ts';
import { BatchCost } from '../../../sidecar/speculation/batchCost.ts';
import { chooseDraftLength } from '../../../sidecar/speculation/governor.ts';

const alone = { tokens: 0, expectedTokens: 0 };

function costOf(points: Readonly<Record<number, number>>): BatchCost {
  const cost = new BatchCost();
  for (const [tokens, durationMs] of Object.entries(points)) {
    cost.record(Number(tokens), durationMs);
    cost.record(Number(tokens), durationMs);
  }
  return cost;
}

function choose(acceptance: (position: number) => number, cost: BatchCost, offeredTokens = 15): number {
  return chooseDraftLength({ acceptance, offeredTokens, cost, others: alone, draftMs: () => 0 });
}

/** Measured on a Qwen2.5-Coder-0.5B Q4_K_M, two cores: milliseconds per call of n tokens. */
const cpuCost = { 1: 20.5, 2: 35, 3: 41, 4: 46, 6: 63, 8: 70, 12: 94, 16: 114 };

describe('chooseDraftLength', () => {
  it('weighs expected tokens against the cost of the call', () => {
    // Rates per ms: 1/10; (1 + .8)/16 = .1125; (1 + .8 + .64)/18 = .1356; (1 + .8 + .64 + .512)/30 = .0984.
    const cost = costOf({ 1: 10, 2: 16, 3: 18, 4: 30 });
    expect(choose(() => 0.8, cost, 3)).toBe(2);
  });

  it('counts the time that the drafter itself takes', () => {
    // Without it (1 + .9)/12 = .158 beats 1/10; with 10 ms a token .086 does not.
    const choice = { acceptance: () => 0.9, offeredTokens: 1, cost: costOf({ 1: 10, 2: 12 }), others: alone };
    expect(chooseDraftLength({ ...choice, draftMs: () => 0 })).toBe(1);
    expect(chooseDraftLength({ ...choice, draftMs: (tokens) => 10 * tokens })).toBe(0);
  });

  it('counts what the rest of the call brings anyway', () => {
    // Alone: (1 + .7)/15 beats 1/10. Beside 3 others (4 + .7)/36 = .1306 loses to 4/30 = .1333.
    const choice = { acceptance: () => 0.7, offeredTokens: 1, draftMs: () => 0 };
    const cost = costOf({ 1: 10, 2: 15, 4: 30, 5: 36 });
    expect(chooseDraftLength({ ...choice, cost, others: alone })).toBe(1);
    expect(chooseDraftLength({ ...choice, cost, others: { tokens: 3, expectedTokens: 3 } })).toBe(0);
  });

  it('drafts long copies and leaves doubtful guesses alone on a measured processor curve', () => {
    const cost = costOf(cpuCost);
    expect(choose(() => 0.97, cost)).toBe(15);
    expect(choose(() => 0.4, cost)).toBe(0);
  });

  it('does nothing before a cost is known', () => {
    expect(choose(() => 1, new BatchCost())).toBe(0);
  });

  it('returns 0 when every token costs as much as a step, or nothing is ever accepted', () => {
    const linear = costOf(Object.fromEntries(Array.from({ length: 16 }, (_, n) => [n + 1, 10 * (n + 1)])));
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 15, maxLength: 15 }),
        (rates) => {
          expect(choose((position) => rates[position] ?? 0, linear)).toBe(0);
          expect(choose(() => 0, costOf(cpuCost))).toBe(0);
        },
      ),
    );
  });

  it('never exceeds the offer and never picks a length that is expected to be slower than plain decoding', () => {
    const rates = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 15, maxLength: 15 });
    const steps = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(rates, steps, fc.integer({ min: 0, max: 15 }), (acceptance, increments, offered) => {
        let total = 5;
        const points = increments.map((increment, index) => [index + 1, (total += increment)] as const);
        const cost = costOf(Object.fromEntries(points));
        const length = choose((position) => acceptance[position] ?? 0, cost, offered);
        expect(length).toBeLessThanOrEqual(offered);
        let reach = 1;
        let expected = 1;
        for (let position = 0; position < length; position++) {
          reach *= acceptance[position] ?? 0;
          expected += reach;
        }
        const plainMs = cost.expectedMs(1) ?? 0;
        expect(expected * plainMs).toBeGreaterThanOrEqual(cost.expectedMs(length + 1) ?? 0);
      }),
    );
  });
});

describe('BatchCost', () => {
  it('interpolates between sizes it has measured', () => {
    const cost = costOf({ 1: 10, 5: 30 });
    expect(cost.expectedMs(1)).toBe(10);
    expect(cost.expectedMs(2)).toBe(15);
    expect(cost.expectedMs(5)).toBe(30);
  });

  it('takes the median, so that one slow call changes nothing', () => {
    const cost = new BatchCost();
    for (const durationMs of [10, 11, 900]) cost.record(1, durationMs);
    expect(cost.expectedMs(1)).toBe(11);
  });

  it('prices a longer call hopefully until it was seen twice', () => {
    const cost = costOf({ 1: 10 });
    expect(cost.expectedMs(9)).toBe(18);
    cost.record(9, 70);
    expect(cost.expectedMs(9)).toBe(18);
    cost.record(9, 70);
    expect(cost.expectedMs(9)).toBe(70);
    expect(cost.expectedMs(5)).toBe(40);
  });

  it('opens a size to hope again after 512 calls without it', () => {
    const cost = costOf({ 8: 500, 1: 10 });
    for (let call = 0; call < 510; call++) cost.record(1, 10);
    expect(cost.expectedMs(8)).toBe(500);
    for (let call = 0; call < 10; call++) cost.record(1, 10);
    expect(cost.expectedMs(8)).toBe(17);
  });
});

describe('AcceptanceRecord', () => {
  it('starts at nothing and follows what it sees', () => {
    const record = new AcceptanceRecord(null);
    expect(record.rate('trie/1', 0, 0)).toBe(0);
    record.record('trie/1', 0, true);
    // One right of one, against three imagined at the prior of 0: 1 / (1 + 3).
    expect(record.rate('trie/1', 0, 0)).toBe(0.25);
    expect(record.rate('trie/2', 0, 0)).toBe(0);
    for (let count = 0; count < 200; count++) record.record('trie/1', 0, true);
    // The decayed count converges to 1 / (1 − .95) = 20: 20 / 23.
    expect(record.rate('trie/1', 0, 0)).toBeCloseTo(20 / 23, 3);
  });

  it('takes a later position for as good as the one before it until it knows', () => {
    const record = new AcceptanceRecord(null);
    for (let count = 0; count < 200; count++) record.record('trie/1', 0, true);
    expect(record.rate('trie/1', 4, 0)).toBe(record.rate('trie/1', 0, 0));
  });

  it('starts a sequence from its model and teaches the model back', () => {
    const model = new AcceptanceRecord(null);
    const first = new AcceptanceRecord(model);
    for (let count = 0; count < 50; count++) first.record('trie/1', 0, true);
    const second = new AcceptanceRecord(model);
    expect(second.rate('trie/1', 0, 0)).toBe(model.rate('trie/1', 0, 0));
    for (let count = 0; count < 20; count++) second.record('trie/1', 0, false);
    expect(second.rate('trie/1', 0, 0)).toBeLessThan(first.rate('trie/1', 0, 0));
  });

  it('stays a probability', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.boolean()), { maxLength: 100 }), (observations) => {
        const record = new AcceptanceRecord(new AcceptanceRecord(null));
        for (const [position, isAccepted] of observations) record.record('lane', position, isAccepted);
        for (let position = 0; position < 5; position++) {
          expect(record.rate('lane', position, 0)).toBeGreaterThanOrEqual(0);
          expect(record.rate('lane', position, 0)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
