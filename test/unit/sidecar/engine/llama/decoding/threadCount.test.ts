import { describe, expect, it } from 'vitest';
import { chooseThreadCount } from '../../../../../../sidecar/engine/llama/decoding/threadCount.ts';

describe('chooseThreadCount', () => {
  it('does not measure where there is nothing to choose', () => {
    expect(
      chooseThreadCount(2, () => {
        throw new Error('measured');
      }),
    ).toBe(2);
  });

  it('takes half where it is clearly faster and all otherwise', () => {
    const timed = (all: number, half: number) => (threads: number) => (threads === 8 ? all : half);
    expect(chooseThreadCount(8, timed(20, 15))).toBe(4);
    expect(chooseThreadCount(8, timed(20, 19.5))).toBe(8);
    expect(chooseThreadCount(8, timed(20, 30))).toBe(8);
  });

  it('is not misled by one slow sample', () => {
    const times = [900, 15, 20, 15, 20, 15];
    expect(chooseThreadCount(8, () => times.shift() ?? 0)).toBe(4);
  });

  it('decides by what it has when the time is up, and not at all where it has nothing', () => {
    const until = (calls: number) => {
      let made = 0;
      return (threads: number) => (made++ < calls ? (threads === 8 ? 20 : 15) : null);
    };
    expect(chooseThreadCount(8, until(2))).toBe(4);
    // Half of them was never tried.
    expect(chooseThreadCount(8, until(1))).toBeNull();
    expect(chooseThreadCount(8, until(0))).toBeNull();
  });
});
