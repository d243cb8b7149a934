import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AcceptanceRecord } from '../../../../../sidecar/engine/speculation/acceptanceRecord.ts';
import { BatchCost } from '../../../../../sidecar/engine/speculation/batchCost.ts';
import { ConfidenceGate } from '../../../../../sidecar/engine/speculation/confidenceGate.ts';
import {
  chooseDraftLength,
  chooseNodes,
  type WeighedNode,
} from '../../../../../sidecar/engine/speculation/governor.ts';
import { ProbeBudget } from '../../../../../sidecar/engine/speculation/probeBudget.ts';

const alone = { tokens: 0, expectedTokens: 0 };

function costOf(points: Readonly<Record<number, number>>): BatchCost {
  return new BatchCost(
    Object.entries(points).map(([tokens, durationMs]) => ({ tokens: Number(tokens), durationMs })),
  );
}

function chain(rates: readonly number[]): readonly WeighedNode[] {
  return rates.map((acceptance, index) => ({ parent: index - 1, acceptance }));
}

const free = (): number => 0;
const rate = fc.double({ min: 0, max: 1, noNaN: true });

/** Measured on a Qwen2.5-Coder-0.5B Q4_K_M, two cores: milliseconds per call of n tokens. */
const cpuCost = { 1: 20.5, 2: 35, 3: 41, 4: 46, 6: 63, 8: 70, 12: 94, 16: 114, 32: 202 };

describe('chooseDraftLength', () => {
  it('weighs expected tokens against the cost of the call', () => {
    // Rates per ms: 1/10; (1 + .8)/16 = .1125; (1 + .8 + .64)/18 = .1356; (1 + .8 + .64 + .512)/30 = .0984.
    const cost = costOf({ 1: 10, 2: 16, 3: 18, 4: 30 });
    expect(chooseDraftLength([0.8, 0.8, 0.8], free, { cost, others: alone })).toBe(2);
  });

  it('counts the time that the drafter itself takes', () => {
    // Without it (1 + .9)/12 = .158 beats 1/10; with 10 ms a token .086 does not.
    const price = { cost: costOf({ 1: 10, 2: 12 }), others: alone };
    expect(chooseDraftLength([0.9], free, price)).toBe(1);
    expect(chooseDraftLength([0.9], (tokens) => 10 * tokens, price)).toBe(0);
  });

  it('counts what the rest of the call brings anyway', () => {
    // Alone: (1 + .7)/15 beats 1/10. Beside 3 others (4 + .7)/36 = .1306 loses to 4/30 = .1333.
    const cost = costOf({ 1: 10, 2: 15, 4: 30, 5: 36 });
    expect(chooseDraftLength([0.7], free, { cost, others: alone })).toBe(1);
    expect(chooseDraftLength([0.7], free, { cost, others: { tokens: 3, expectedTokens: 3 } })).toBe(0);
  });

  it('does nothing before a cost is known', () => {
    expect(chooseDraftLength([1, 1], free, { cost: new BatchCost([]), others: alone })).toBe(0);
  });
});

describe('chooseNodes', () => {
  const cost = costOf(cpuCost);

  it('drafts long copies and leaves doubtful guesses alone on a measured processor curve', () => {
    expect(chooseNodes(chain(Array<number>(31).fill(0.99)), { cost, others: alone }).length).toBeGreaterThan(
      24,
    );
    expect(chooseNodes(chain(Array<number>(31).fill(0.4)), { cost, others: alone })).toEqual([]);
  });

  it('decides as chooseDraftLength does where the draft is a chain that took no time', () => {
    fc.assert(
      fc.property(fc.array(rate, { maxLength: 31 }), (rates) => {
        const price = { cost, others: alone };
        expect(chooseNodes(chain(rates), price)).toHaveLength(chooseDraftLength(rates, free, price));
      }),
    );
  });

  it('takes a second branch only where its chance outweighs the cost of its rows', () => {
    // Node 0 (.6) with child 1 (.9): 1, .6, .54. Node 2 is the other branch.
    const tree = (other: number): readonly WeighedNode[] => [
      { parent: -1, acceptance: 0.6 },
      { parent: 0, acceptance: 0.9 },
      { parent: -1, acceptance: other },
    ];
    const nearlyFlat = costOf({ 1: 10, 2: 11, 3: 12, 4: 13 });
    // (1 + .6 + .54)/12 = .1783; with .3 more: 2.44/13 = .1877; with .1 more: 2.24/13 = .1723.
    expect(chooseNodes(tree(0.3), { cost: nearlyFlat, others: alone })).toEqual([0, 1, 2]);
    expect(chooseNodes(tree(0.1), { cost: nearlyFlat, others: alone })).toEqual([0, 1]);
  });

  it('takes nothing when every token costs as much as a step, or nothing is ever accepted', () => {
    const linear = costOf({ 1: 10, 32: 320 });
    fc.assert(
      fc.property(fc.array(rate, { maxLength: 31 }), (rates) => {
        expect(chooseNodes(chain(rates), { cost: linear, others: alone })).toEqual([]);
        expect(chooseNodes(chain(rates.map(() => 0)), { cost, others: alone })).toEqual([]);
      }),
    );
  });

  it('keeps every node with all it follows, and never expects to be slower than plain decoding', () => {
    const tree = fc
      .array(fc.tuple(fc.nat(), rate), { maxLength: 40 })
      .map((drawn) =>
        drawn.map(([parent, acceptance], index) => ({ parent: (parent % (index + 1)) - 1, acceptance })),
      );
    const steps = fc.array(fc.double({ min: 0.01, max: 20, noNaN: true }), { minLength: 41, maxLength: 41 });
    fc.assert(
      fc.property(tree, steps, (nodes, increments) => {
        let total = 5;
        const costs = costOf(
          Object.fromEntries(increments.map((step, index) => [index + 1, (total += step)])),
        );
        const chosen = chooseNodes(nodes, { cost: costs, others: alone });
        const reaches: number[] = [];
        for (const { parent, acceptance } of nodes) reaches.push((reaches[parent] ?? 1) * acceptance);
        const kept = new Set(chosen);
        for (const index of chosen) {
          const parent = nodes[index]?.parent ?? -1;
          expect(parent === -1 || kept.has(parent)).toBe(true);
        }
        const expected = 1 + chosen.reduce((sum, index) => sum + (reaches[index] ?? 0), 0);
        const plainMs = costs.expectedMs(1) ?? 0;
        expect(expected * plainMs).toBeGreaterThanOrEqual(costs.expectedMs(1 + chosen.length) ?? 0);
      }),
    );
  });
});

describe('BatchCost', () => {
  it('interpolates between sizes that were measured, and goes on beyond them', () => {
    const cost = costOf({ 1: 10, 5: 30, 9: 40 });
    expect([1, 2, 5, 7, 9, 13].map((tokens) => cost.expectedMs(tokens))).toEqual([10, 15, 30, 35, 40, 50]);
    expect(cost.expectedMs(400)).toBeCloseTo(40 + 2.5 * 391);
  });

  it('follows a machine that becomes slower at all sizes', () => {
    const cost = costOf(cpuCost);
    for (let call = 0; call < 60; call++) cost.record(1, 41);
    expect(cost.expectedMs(1)).toBeGreaterThan(38);
    expect((cost.expectedMs(16) ?? 0) / (cost.expectedMs(1) ?? 1)).toBeCloseTo(114 / 20.5, 1);
  });

  it('learns a size that costs otherwise than it was measured', () => {
    const cost = costOf(cpuCost);
    for (let call = 0; call < 200; call++) {
      cost.record(1, 20.5);
      cost.record(8, 140);
    }
    expect((cost.expectedMs(8) ?? 0) / (cost.expectedMs(1) ?? 1)).toBeGreaterThan(6);
    expect(cost.expectedMs(32)).toBeLessThan(260);
  });

  it('does not believe one slow call', () => {
    const cost = costOf(cpuCost);
    cost.record(1, 9000);
    expect(cost.expectedMs(1)).toBeLessThan(22);
  });

  it('gives its curve at the sizes it was made of', () => {
    const cost = costOf(cpuCost);
    expect(cost.curve()).toEqual(
      Object.entries(cpuCost).map(([tokens, durationMs]) => ({ tokens: Number(tokens), durationMs })),
    );
  });

  it('takes no call for dearer than two that do its work, and tells a disturbed measurement', () => {
    const cost = costOf({ 1: 20, 8: 900, 16: 1000, 32: 200 });
    expect(cost.expectedMs(2)).toBe(40);
    expect(cost.expectedMs(16)).toBeLessThanOrEqual(320);
    expect(cost.wasDisturbed).toBe(false);
    for (let call = 0; call < 30; call++) cost.record(1, 12);
    expect(cost.wasDisturbed).toBe(true);
  });

  it('knows nothing without a curve', () => {
    const cost = new BatchCost([]);
    cost.record(1, 10);
    expect(cost.expectedMs(1)).toBeNull();
    expect(cost.curve()).toEqual([]);
  });
});

describe('AcceptanceRecord', () => {
  it('starts at what it is told, and follows what it sees', () => {
    const record = new AcceptanceRecord(null);
    expect(record.rate('copy', 0.3)).toBe(0.3);
    record.record('copy', true);
    // (1 + 4 · .3) / (1 + 4)
    expect(record.rate('copy', 0.3)).toBeCloseTo(0.44);
    expect(record.rate('recall', 0.3)).toBe(0.3);
    for (let count = 0; count < 400; count++) record.record('copy', true);
    expect(record.rate('copy', 0.3)).toBeGreaterThan(0.94);
    for (let count = 0; count < 100; count++) record.record('copy', false);
    expect(record.rate('copy', 0.3)).toBeLessThan(0.2);
  });

  it('starts from its parent and feeds it', () => {
    const model = new AcceptanceRecord(null);
    const first = new AcceptanceRecord(model);
    for (let count = 0; count < 50; count++) first.record('copy', true);
    const second = new AcceptanceRecord(model);
    expect(second.rate('copy', 0)).toBe(model.rate('copy', 0));
    for (let count = 0; count < 20; count++) second.record('copy', false);
    expect(second.rate('copy', 0)).toBeLessThan(first.rate('copy', 0));
  });

  it('stays a probability', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 100 }), rate, (observations, unseen) => {
        const record = new AcceptanceRecord(new AcceptanceRecord(null));
        for (const isAccepted of observations) record.record('lane', isAccepted);
        expect(record.rate('lane', unseen)).toBeGreaterThanOrEqual(0);
        expect(record.rate('lane', unseen)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('ConfidenceGate', () => {
  it('halves its threshold after a draft that was wholly right and doubles it after one that was not', () => {
    const gate = new ConfidenceGate();
    const first = gate.leastConfidence;
    gate.settle(true);
    expect(gate.leastConfidence).toBe(first / 2);
    gate.settle(false);
    gate.settle(false);
    expect(gate.leastConfidence).toBe(first * 2);
    for (let count = 0; count < 40; count++) gate.settle(false);
    expect(gate.leastConfidence).toBeLessThan(1);
    for (let count = 0; count < 40; count++) gate.settle(true);
    expect(gate.leastConfidence).toBeGreaterThan(0);
  });
});

describe('ProbeBudget', () => {
  it('spends one hundredth of the decode time at most, and saves up little', () => {
    const budget = new ProbeBudget();
    let spentMs = 0;
    for (let call = 0; call < 1000; call++) {
      budget.earn(20, 20);
      if (budget.spend(35)) spentMs += 35;
    }
    expect(spentMs).toBeGreaterThan(100);
    expect(spentMs).toBeLessThanOrEqual(200);
    for (let call = 0; call < 100_000; call++) budget.earn(20, 20);
    expect(budget.spend(81)).toBe(false);
    expect(budget.spend(80)).toBe(true);
    expect(budget.spend(1)).toBe(false);
  });
});
