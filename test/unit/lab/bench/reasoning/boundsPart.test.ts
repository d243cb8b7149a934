import { describe, expect, it } from 'vitest';
import { reportBounds } from '../../../../../lab/bench/reasoning/boundsPart.ts';

const opening = (exactNats: number, lowerNats = exactNats) => ({
  exactNats,
  lowerNats,
  upperNats: 2 * exactNats,
});

function valueOf(openings: Parameters<typeof reportBounds>[0], name: string): number | undefined {
  const figure = reportBounds(openings, 'a set').figures.find((each) => each.name.startsWith(name));
  return figure?.type === 'single' ? figure.value : undefined;
}

describe('what bounds of an entropy lose', () => {
  it('is nothing where they are the entropy', () => {
    const openings = [0.05, 0.3, 0.9].map((nats) => opening(nats));
    expect(valueOf(openings, 'lower bound')).toBe(1);
    expect(valueOf(openings, 'upper bound')).toBe(2);
    expect(valueOf(openings, 'judged alike with the thresholds of exact')).toBe(1);
  });

  it('shows how many questions are judged otherwise', () => {
    // Normal by the entropy, easy by its bound; hard, and normal by its bound; and two that are judged alike.
    const openings = [opening(0.13, 0.1), opening(0.55, 0.45), opening(0.3), opening(0.9)];
    expect(valueOf(openings, 'judged alike with the thresholds of exact')).toBe(0.5);
  });

  it('judges lower bounds by thresholds of their own', () => {
    // Just above the threshold of exact entropies, with a bound just above that of bounds; and the same below.
    const openings = [opening(0.51, 0.49), opening(0.121, 0.118), opening(0.1, 0.09), opening(0.49, 0.48)];
    expect(valueOf(openings, 'judged alike with the thresholds of exact')).toBe(0.5);
    expect(valueOf(openings, 'judged alike with those of lower bounds')).toBe(1);
  });

  it('names the thresholds that are as far down as the bound is', () => {
    const openings = [opening(0.1, 0.05), opening(0.4, 0.2), opening(0.8, 0.5)];
    expect(reportBounds(openings, 'a set').notes[0]).toContain('0.060 and 0.250 nats');
  });
});
