import { describe, expect, it } from 'vitest';
import { curveWithin } from '../../../../../../sidecar/engine/llama/loading/measureBatchCurve.ts';
import { MeasuringTime, mostMeasuringMs } from '../../../../../../sidecar/engine/speeds/measuringTime.ts';
import { ManualClock } from '../../../../../support/machine/manualClock.ts';

/** Measures a model whose calls take so long, on a clock of its own. */
function measured(msOf: (tokens: number, call: number) => number) {
  const clock = new ManualClock();
  const calls: number[] = [];
  const callMs = (tokens: number): number => {
    const durationMs = msOf(tokens, calls.push(tokens));
    clock.advance(Number.isFinite(durationMs) ? durationMs : 1);
    return durationMs;
  };
  const now = () => clock.now();
  const startedMs = now();
  const curve = curveWithin(new MeasuringTime(mostMeasuringMs.drafts, now), { callMs, now });
  return { curve, calls, spentMs: now() - startedMs };
}

const sizes = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

describe('the price of drafts', () => {
  it('is measured at every size, and repeated for a second, with the best of each kept', () => {
    const { curve, calls, spentMs } = measured((tokens, call) => 10 + tokens + (call <= 11 ? 5 : 0));
    expect(curve.map(({ tokens }) => tokens)).toEqual(sizes);
    expect(curve.map(({ durationMs }) => durationMs)).toEqual(sizes.map((tokens) => 10 + tokens));
    expect(calls.length).toBeGreaterThan(2 * sizes.length);
    expect(spentMs).toBeLessThan(1_100);
  });

  it.each([60, 100, 240, 900])('of a model of %d ms a token stays within its time, at fewer sizes', (ms) => {
    const { curve, spentMs } = measured((tokens) => ms * tokens);
    expect(spentMs).toBeLessThanOrEqual(mostMeasuringMs.drafts);
    expect(curve.map(({ tokens }) => tokens)).toEqual(sizes.slice(0, curve.length));
    expect(curve.length).toBeGreaterThan(0);
    expect(curve.length).toBeLessThan(sizes.length);
  });

  it('of a model that is slower still is that of its first call', () => {
    const { curve, calls } = measured((tokens) => 1_500 * tokens);
    expect([curve, calls]).toEqual([[{ tokens: 1, durationMs: 1_500 }], [1]]);
  });

  it('leaves out a size whose call has failed', () => {
    const { curve } = measured((tokens) => (tokens === 3 ? Infinity : 20));
    expect(curve.map(({ tokens }) => tokens)).toEqual(sizes.filter((tokens) => tokens !== 3));
  });
});
