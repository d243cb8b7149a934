import { describe, expect, it } from 'vitest';
import { progressStep } from '../../../../extension/commands/fetchProgress.ts';
import type { FetchProgress } from '../../../../protocol/messages.ts';

const half: FetchProgress = {
  phase: 'download',
  source: 'hub',
  doneBytes: 250e6,
  totalBytes: 500e6,
  bytesPerSecond: 5e6,
};

describe('progressStep', () => {
  it('says how much, how fast and how long', () => {
    expect(progressStep(null, half)).toEqual({
      increment: 50,
      message: 'Downloading: 250 MB of 500 MB, 5.0 MB/s, 50 s left',
    });
  });

  it('moves the bar by what came since', () => {
    expect(progressStep(half, { ...half, doneBytes: 300e6 }).increment).toBeCloseTo(10);
  });

  it('never moves it back', () => {
    expect(progressStep(half, { ...half, doneBytes: 100e6 }).increment).toBe(0);
  });

  it('speaks only, once the download is over', () => {
    const verify: FetchProgress = { ...half, phase: 'verify', bytesPerSecond: null };
    expect(progressStep(half, verify)).toEqual({ increment: 0, message: 'Checking: 250 MB of 500 MB' });
  });

  it('promises no time while the size is unknown', () => {
    const unknown: FetchProgress = { ...half, doneBytes: 1.25e6, totalBytes: null };
    expect(progressStep(null, unknown)).toEqual({ increment: 0, message: 'Downloading: 1.3 MB, 5.0 MB/s' });
  });
});
