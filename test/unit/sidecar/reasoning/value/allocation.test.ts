import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate, valueLead } from '../../../../../sidecar/reasoning/value/allocation.ts';

const candidate = (answer: string | null, value: number, tokens = 100) => ({ answer, value, tokens });

test('the lead is the answer whose votes weigh most, right where any of its candidates is', () => {
  const ended = [candidate('4', 0.9), candidate('5', 0.2), candidate('5', 0.1), candidate(null, 0)];
  // With κ = 0 two votes beat one; P = 1 − 0.8 · 0.9.
  const byCount = valueLead(ended, 0);
  expect(byCount?.answer).toBe('5');
  expect(byCount?.probability).toBeCloseTo(0.28, 12);
  // e^3.6 = 36.6 against e^0.8 + e^0.4 = 3.7.
  expect(valueLead(ended, 4)?.answer).toBe('4');
  expect(valueLead([candidate('a', 0.3), candidate('b', 0.3)], 2)?.answer).toBe('a');
  expect(valueLead([candidate(null, 0)], 2)).toBeNull();
});

test('sampling ends where the lead is sure enough, or where more would hardly help', () => {
  const rules = { kappa: 2, settledAt: 0.7, hopelessBelow: 0.2 };
  expect(allocate([candidate('4', 0.8)], 3, rules)).toMatchObject({ type: 'settled', lead: { answer: '4' } });
  expect(allocate([candidate('4', 0.5)], 3, rules)).toEqual({ type: 'again' });
  // Two of 0.5 that agree: 1 − 0.25.
  expect(allocate([candidate('4', 0.5), candidate('4', 0.5)], 2, rules)).toMatchObject({ type: 'settled' });
  const hopeless = allocate([candidate('4', 0.02), candidate(null, 0)], 2, rules);
  // (1 − 0.02) · (1 − 0.99²), which a fifth of a thousand tokens would bring: 0.1 a thousand.
  expect(hopeless).toMatchObject({ type: 'hopeless', lead: { answer: '4' } });
  expect(hopeless.type === 'hopeless' && hopeless.chance).toBeCloseTo(0.98 * 0.0199, 9);
  // The same hope is worth it where thoughts are short.
  const short = [candidate('4', 0.02, 5), candidate(null, 0, 5)];
  expect(allocate(short, 2, rules)).toEqual({ type: 'again' });
});

test('nothing ended, or nothing left, decides nothing; without answers there may still be no hope', () => {
  const rules = { kappa: 0, settledAt: 0, hopelessBelow: 9 };
  expect(allocate([], 3, rules)).toEqual({ type: 'again' });
  expect(allocate([candidate('4', 0.9)], 0, rules)).toEqual({ type: 'again' });
  expect(allocate([candidate(null, 0)], 3, rules)).toEqual({
    type: 'hopeless',
    lead: null,
    chance: 0,
  });
});

test('a candidate that agrees never lowers the lead', () => {
  const anyValue = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(anyValue, { minLength: 1, maxLength: 6 }), anyValue, (values, more) => {
      const ended = values.map((value) => candidate('4', value));
      const before = valueLead(ended, 1)?.probability ?? NaN;
      expect(valueLead([...ended, candidate('4', more)], 1)?.probability).toBeGreaterThanOrEqual(
        before - 1e-12,
      );
    }),
  );
});
