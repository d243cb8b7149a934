import { expect, it } from 'vitest';
import { ReadingSpeed } from '../../../../sidecar/completion/readingSpeed.ts';

function afterReads(...reads: readonly (readonly [tokens: number, durationMs: number])[]): ReadingSpeed {
  const speed = new ReadingSpeed();
  for (const [tokens, durationMs] of reads) {
    speed.note({ tokenCount: 100 + tokens, cachedTokenCount: 100, durationMs });
  }
  return speed;
}

it('takes a typical speed before any prompt was read, and none for reading at rest', () => {
  const speed = afterReads();
  expect(speed.within(500)).toBe(100);
  expect(speed.withinAtRest(1_000)).toBe(0);
});

it('begins with the measured speed where there is one, and learns from prompts little by little', () => {
  const speed = new ReadingSpeed(2);
  expect(speed.within(500)).toBe(250);
  expect(speed.withinAtRest(1_000)).toBe(500);
  speed.note({ tokenCount: 400, cachedTokenCount: 0, durationMs: 1_600 });
  expect(speed.within(500)).toBeCloseTo(500 / (2 + 0.3 * 2), 5);
  expect(speed.withinAtRest(1_000)).toBe(500);
});

it('learns nothing of a few tokens, nor of a prompt that took no time', () => {
  const speed = afterReads([31, 10_000], [400, 0]);
  expect(speed.within(500)).toBe(100);
  expect(speed.withinAtRest(1_000)).toBe(0);
});

it('believes the first prompt, and then the later ones little by little', () => {
  expect(afterReads([400, 400]).within(500)).toBe(500);
  expect(afterReads([400, 400], [400, 2_000]).within(500)).toBeCloseTo(500 / (1 + 0.3 * 4), 5);
});

it('follows the prompts that were read lately', () => {
  const reads = Array.from({ length: 30 }, () => [400, 1_000] as const);
  expect(afterReads(...reads).within(500)).toBeCloseTo(200, 0);
});

it('lets the fastest prompt decide how much is read at rest', () => {
  expect(afterReads([800, 1_000]).withinAtRest(1_000)).toBe(800);
  expect(afterReads([800, 1_000], [1_000, 10_000]).withinAtRest(1_000)).toBe(800);
});
