import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../../../lab/bench/figure.ts';
import { typingFigures } from '../../../../../lab/bench/typing/typingFigures.ts';
import type { Pause } from '../../../../../lab/bench/typing/typingPart.ts';

/** A pause with times of the sidecar and both rivals; tokens and seconds follow from them. */
function pause(isAfterJump: boolean, ...times: readonly number[]): Pause {
  const results = times.map((durationMs) => ({
    durationMs,
    text: durationMs > 100 ? 'text' : '',
    prefilledTokens: durationMs / 10,
    generatedTokens: 8,
    processorSeconds: durationMs / 1_000,
  }));
  return { isAfterJump, results };
}

function valueOf(figures: readonly Figure[], name: string): number | undefined {
  return figures.flatMap((figure) =>
    figure.type === 'single' && figure.name === name ? [figure.value] : [],
  )[0];
}

describe('typing figures', () => {
  const pauses = [
    pause(true, 500, 2_000, 1_000),
    pause(false, 100, 2_000, 1_000),
    pause(false, 200, 2_000, 1_000),
    pause(true, 300, 100, 1_200),
  ];
  const { figures, notes } = typingFigures(pauses);

  it('compare with the rival whose median is lower', () => {
    const paired = figures.flatMap((figure) => (figure.type === 'paired' ? [figure] : []));
    expect(paired.map(({ baselineName }) => baselineName)).toEqual(
      Array(2).fill('llama-server, --spm-infill'),
    );
    expect(paired.map(({ pairs }) => pairs.length)).toEqual([4, 2]);
    const other = typingFigures(pauses.map(({ isAfterJump }) => pause(isAfterJump, 100, 200, 300))).figures;
    expect(other[0]).toMatchObject({ baselineName: 'llama-server' });
  });

  it('divide medians, percentiles and sums', () => {
    expect(valueOf(figures, 'time, median')).toBeCloseTo(0.2);
    expect(valueOf(figures, 'time, 95th percentile')).toBeCloseTo(500 / 1_200);
    expect(valueOf(figures, 'time after a jump, median')).toBeCloseTo(0.3);
    // The second is empty in the product, the fourth in the other rival.
    expect(valueOf(figures, 'time where both show something, median')).toBeCloseTo(0.3);
    expect(valueOf(figures, 'time where both show something, 95th percentile')).toBeCloseTo(500 / 1_200);
    expect(valueOf(figures, 'tokens prefilled')).toBeCloseTo(1_100 / 4_200);
    expect(valueOf(figures, 'tokens generated')).toBe(1);
    expect(valueOf(figures, 'processor seconds')).toBeCloseTo(1.1 / 4.2);
  });

  it('say how every side did', () => {
    expect(notes[0]).toContain('4 pauses, 2 of them after a jump');
    expect(notes[1]).toContain('sidecar: median 200 ms, 95th percentile 500 ms, after a jump 300 ms');
    expect(notes[2]).toContain('1 answers empty');
  });

  it('leave out what there was nothing to measure of', () => {
    const alone = typingFigures([pause(false, 100, 200, 300)]).figures;
    expect(valueOf(alone, 'time after a jump, median')).toBeUndefined();
    expect(valueOf(alone, 'time, median')).toBeCloseTo(0.5);
  });
});
