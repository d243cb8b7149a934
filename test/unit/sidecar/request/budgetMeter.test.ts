import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Budget, generatedTokenCount } from '../../../../protocol/budget.ts';
import { BudgetMeter } from '../../../../sidecar/request/budgetMeter.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';

const unbounded: Budget = {
  thoughtTokensPerCandidate: 100,
  answerTokensPerCandidate: 50,
  generatedTokens: null,
  durationMs: null,
};

function meterOf(budget: Partial<Budget>): { readonly meter: BudgetMeter; readonly clock: ManualClock } {
  const clock = new ManualClock();
  return { meter: new BudgetMeter({ ...unbounded, ...budget }, () => clock.now()), clock };
}

describe('BudgetMeter', () => {
  test('books what a grant spends and gives back the rest', () => {
    const { meter } = meterOf({ generatedTokens: 10 });
    const grant = meter.reserve(6);
    grant.spend('thought', 4);
    expect(meter.unreservedTokens).toBe(4);
    grant.release();
    grant.release();
    expect(meter.unreservedTokens).toBe(6);
    expect(meter.getState().tokens).toMatchObject({ thought: 4, answer: 0 });
  });

  test('grants no more than is left beside what others hold', () => {
    const { meter } = meterOf({ generatedTokens: 10 });
    expect(meter.reserve(7).remaining).toBe(7);
    expect(meter.reserve(7).remaining).toBe(3);
    expect(meter.reserve(7).remaining).toBe(0);
    expect(meter.exhausted()).toBe('generatedTokens');
  });

  test('refuses a step beyond a grant: the engine broke its promise', () => {
    const { meter } = meterOf({});
    const grant = meter.reserve(2);
    expect(() => {
      grant.spend('answer', 3);
    }).toThrow();
  });

  test('reading a prompt costs no generated token', () => {
    const { meter } = meterOf({ generatedTokens: 5 });
    meter.spendPrompt(1000);
    expect(meter.unreservedTokens).toBe(5);
    expect(meter.getState().tokens.prompt).toBe(1000);
  });

  test('is exhausted by time at the bound, and not before', () => {
    const { meter, clock } = meterOf({ durationMs: 50 });
    clock.advance(49);
    expect(meter.exhausted()).toBeNull();
    clock.advance(1);
    expect(meter.exhausted()).toBe('durationMs');
  });

  test('moves tokens to another purpose, and a snapshot taken before stays as it was', () => {
    const { meter, clock } = meterOf({});
    meter.reserve(5).spend('thought', 5);
    const before = meter.getState();
    clock.advance(20);
    meter.rebook('thought', 'discardedCandidate', 3);
    expect(meter.getState()).toMatchObject({ tokens: { thought: 2, discardedCandidate: 3 }, durationMs: 20 });
    expect(before).toMatchObject({ tokens: { thought: 5, discardedCandidate: 0 }, durationMs: 0 });
  });

  test('rebooks no more than is booked', () => {
    const { meter } = meterOf({});
    meter.reserve(2).spend('thought', 2);
    expect(() => {
      meter.rebook('thought', 'discardedCandidate', 3);
    }).toThrow();
  });

  test('a larger budget lets more be reserved', () => {
    const { meter } = meterOf({ generatedTokens: 3 });
    meter.reserve(3);
    meter.changeBudget({ ...unbounded, generatedTokens: 8 });
    expect(meter.reserve(10).remaining).toBe(5);
  });

  test('no order of reserving, spending and releasing exceeds the budget', () => {
    const action = fc.record({ want: fc.nat(20), spend: fc.nat(20), isReleased: fc.boolean() });
    fc.assert(
      fc.property(fc.nat(50), fc.array(action), (generatedTokens, actions) => {
        const { meter } = meterOf({ generatedTokens });
        for (const { want, spend, isReleased } of actions) {
          const grant = meter.reserve(want);
          grant.spend('thought', Math.min(spend, grant.remaining));
          if (isReleased) grant.release();
        }
        expect(generatedTokenCount(meter.getState())).toBeLessThanOrEqual(generatedTokens);
        expect(meter.unreservedTokens).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
