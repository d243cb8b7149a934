import { expect } from 'vitest';
import type { TokenStep } from '../../../sidecar/engine/engine.ts';

/** How far apart two logprobs of the 135M model must be for rounding not to swap them, in nats: measured up to 0.3. */
const roundingNats = 0.5;

/**
 * The same greedy text with the same logprobs but for rounding, up to where two tokens were as good as equally likely:
 * there it may part. Needs two alternatives with each step.
 */
export function expectSameText(found: readonly TokenStep[], expected: readonly TokenStep[]): void {
  for (const [i, step] of expected.entries()) {
    const [first, second] = step.alternatives;
    const isTie = (first?.logprob ?? NaN) - (second?.logprob ?? NaN) < roundingNats;
    if (found[i]?.id !== step.id && isTie) return;
    expect(found[i]?.id).toBe(step.id);
    expect(Math.abs((found[i]?.logprob ?? NaN) - step.logprob)).toBeLessThan(roundingNats);
  }
  expect(found).toHaveLength(expected.length);
}
