import { expect, it } from 'vitest';
import { SharedTime } from '../../../../../lab/bench/reasoning/sharedTime.ts';

it('divides the time by weight among those who work, and parts add up', () => {
  let nowMs = 0;
  const time = new SharedTime(() => nowMs);
  const [a, b] = [{}, {}];
  nowMs = 5;
  time.weigh(a, 1);
  nowMs = 15;
  time.weigh(b, 3);
  expect(time.weight).toBe(4);
  // 10 ms alone, then 8 ms in which a has a quarter.
  nowMs = 23;
  expect(time.leave(a)).toBe(12);
  nowMs = 27;
  time.weigh(b, 1);
  nowMs = 30;
  expect(time.leave(b)).toBe(6 + 4 + 3);
  expect(time.weight).toBe(0);
  expect(time.leave(a)).toBe(0);
});
