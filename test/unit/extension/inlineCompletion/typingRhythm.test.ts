import { describe, expect, it } from 'vitest';
import { TypingRhythm } from '../../../../extension/inlineCompletion/typingRhythm.ts';

/** A rhythm after keys with these gaps between them, the first key at 0 ms; and when the last key was. */
function afterGaps(...gaps: readonly number[]): { readonly rhythm: TypingRhythm; readonly lastMs: number } {
  const rhythm = new TypingRhythm();
  let lastMs = 0;
  rhythm.key(lastMs);
  for (const gap of gaps) {
    lastMs += gap;
    rhythm.key(lastMs);
  }
  return { rhythm, lastMs };
}

describe('the wait before a completion is asked for', () => {
  it('is none before any key, for the first key, and for the first after a pause', () => {
    expect(new TypingRhythm().waitMs(0, 500)).toBe(0);
    expect(afterGaps().rhythm.waitMs(0, 500)).toBe(0);
    const { rhythm, lastMs } = afterGaps(100, 100, 100, 2000);
    expect(rhythm.waitMs(lastMs, 500)).toBe(0);
  });

  it('grows with the typical gap, and one slow key does not change it', () => {
    const quick = afterGaps(80, 80, 80, 80);
    const slow = afterGaps(160, 160, 160, 160);
    expect(quick.rhythm.waitMs(quick.lastMs, 500)).toBe(120);
    expect(slow.rhythm.waitMs(slow.lastMs, 500)).toBe(240);
    const once = afterGaps(80, 80, 800, 80, 80);
    expect(once.rhythm.waitMs(once.lastMs, 500)).toBe(120);
  });

  it('goes by the measured speed of the model until a request was answered', () => {
    const { rhythm, lastMs } = afterGaps(200, 200, 200);
    expect(rhythm.waitMs(lastMs, 500, 120)).toBe(180);
    rhythm.answered(50);
    expect(rhythm.waitMs(lastMs, 500, 120)).toBe(250);
  });

  it('is never longer than the setting, nor less than nothing', () => {
    const { rhythm, lastMs } = afterGaps(300, 300, 300);
    expect(rhythm.waitMs(lastMs, 120)).toBe(120);
    expect(rhythm.waitMs(lastMs, 0)).toBe(0);
    expect(rhythm.waitMs(lastMs + 10_000, 120)).toBe(0);
  });

  it('is shorter by what has passed since the key, and by what the engine takes', () => {
    const { rhythm, lastMs } = afterGaps(100, 100, 100);
    expect(rhythm.waitMs(lastMs, 500)).toBe(150);
    expect(rhythm.waitMs(lastMs + 50, 500)).toBe(100);
    rhythm.answered(60);
    expect(rhythm.waitMs(lastMs + 50, 500)).toBe(40);
    for (let count = 0; count < 3; count++) rhythm.answered(400);
    expect(rhythm.waitMs(lastMs, 500)).toBe(0);
  });

  it('follows a change of pace within some keys', () => {
    const { rhythm, lastMs } = afterGaps(...Array<number>(20).fill(200), ...Array<number>(8).fill(60));
    expect(rhythm.waitMs(lastMs, 500)).toBe(90);
  });
});
