import { describe, expect, it } from 'vitest';
import { DraftTrust } from '../../../../../sidecar/engine/speculation/draftTrust.ts';

/** A trust that saw so many guesses promised at `chance`, of which every n-th was right. */
function after(
  trust: DraftTrust,
  { guesses, chance, every }: Record<'guesses' | 'chance' | 'every', number>,
) {
  for (let n = 1; n <= guesses; n++) trust.record(chance, n % every === 0);
  return trust;
}

describe('DraftTrust', () => {
  it('begins with the belief that it was given', () => {
    expect(new DraftTrust(0.4).factor()).toBeCloseTo(0.4);
    expect(new DraftTrust(1).factor()).toBe(1);
  });

  it('becomes the share of what was promised that came true', () => {
    const kept = after(new DraftTrust(0.4), { guesses: 400, chance: 0.5, every: 2 });
    expect(kept.factor()).toBeCloseTo(1, 1);
    const broken = after(new DraftTrust(1), { guesses: 400, chance: 0.8, every: 5 });
    expect(broken.factor()).toBeGreaterThan(0.2);
    expect(broken.factor()).toBeLessThan(0.3);
  });

  it('promises no more than a guess did, however well it goes', () => {
    expect(after(new DraftTrust(1), { guesses: 100, chance: 0.3, every: 1 }).factor()).toBe(1);
  });

  it('follows a change within about a hundred guesses', () => {
    const trust = after(new DraftTrust(1), { guesses: 400, chance: 0.9, every: 10 });
    expect(trust.factor()).toBeLessThan(0.2);
    after(trust, { guesses: 150, chance: 0.9, every: 1 });
    expect(trust.factor()).toBeGreaterThan(0.9);
  });
});
