import { describe, expect, test } from 'vitest';
import type { FetchProgress } from '../../../../protocol/messages.ts';
import { secondsLeft, TransferRate } from '../../../../sidecar/models/transferRate.ts';

describe('TransferRate', () => {
  test('says nothing before enough time has passed', () => {
    const rate = new TransferRate();
    expect(rate.add(0, 0)).toBeNull();
    expect(rate.add(100, 5_000_000)).toBeNull();
  });

  test('is bytes over time at a steady pace, wherever the count started', () => {
    const rate = new TransferRate();
    rate.add(1_000, 700);
    rate.add(1_500, 1_200);
    expect(rate.add(2_000, 1_700)).toBe(1_000);
  });

  test('forgets what is older than its window', () => {
    const rate = new TransferRate();
    rate.add(0, 0);
    rate.add(1_000, 10_000_000);
    for (let second = 2; second <= 9; second += 1) rate.add(second * 1000, 10_000_000);
    expect(rate.add(10_000, 10_000_000)).toBe(0);
  });

  test('a count that starts over is no negative speed', () => {
    const rate = new TransferRate();
    rate.add(0, 5_000);
    expect(rate.add(1_000, 0)).toBe(0);
  });
});

describe('secondsLeft', () => {
  const progress: FetchProgress = {
    phase: 'download',
    source: 'hub',
    doneBytes: 250,
    totalBytes: 1_000,
    bytesPerSecond: 50,
  };

  test('is what is missing over the speed', () => {
    expect(secondsLeft(progress)).toBe(15);
  });

  test('is unknown without size or speed, and while nothing moves', () => {
    expect(secondsLeft({ ...progress, totalBytes: null })).toBeNull();
    expect(secondsLeft({ ...progress, bytesPerSecond: null })).toBeNull();
    expect(secondsLeft({ ...progress, bytesPerSecond: 0 })).toBeNull();
  });

  test('never falls below zero', () => {
    expect(secondsLeft({ ...progress, doneBytes: 1_001 })).toBe(0);
  });
});
