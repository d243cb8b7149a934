import { describe, expect, it } from 'vitest';
import { eventCountAt } from '../../../../webview-ui/dev/playback.ts';
import { generatedTrace } from '../../../support/trace/generatedTrace.ts';

describe('eventCountAt', () => {
  it('counts the events up to and including a time', () => {
    const events = generatedTrace();
    for (const timeMs of [-1, 0, 139, 140, 500.5, 1e9]) {
      expect(eventCountAt(events, timeMs)).toBe(events.filter((event) => event.timeMs <= timeMs).length);
    }
    expect(eventCountAt([], 10)).toBe(0);
  });
});
