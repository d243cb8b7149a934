import { describe, expect, it } from 'vitest';
import { usePanels } from '../support/browser/panelSuite.ts';
import { generatedTrace } from '../support/trace/generatedTrace.ts';

const openPanel = usePanels();

/** Longest time a panel may take to show a whole trace, and to take in a few more events; machines differ, so wide. */
const bounds = [
  { tokens: 10_000, snapshotMs: 2_000, appendMs: 250 },
  { tokens: 100_000, snapshotMs: 9_000, appendMs: 900 },
];

describe.each(bounds)('$tokens tokens, one event each', ({ tokens, snapshotMs, appendMs }) => {
  it('are shown in bounded time, with few elements, and stay responsive', async () => {
    // Candidates end at 1.0, 0.87, 0.74 and 0.61 of the longest.
    const tokensPerCandidate = Math.round(tokens / 3.22);
    const events = generatedTrace({ tokensPerCandidate, tokensPerEvent: 1 });
    const head = events.slice(0, -60);
    expect(head.length).toBeGreaterThan(tokens * 0.99);
    const panel = await openPanel();
    const shown = await panel.sendTimed({ type: 'trace/snapshot', requestId: 'r1', events: head });
    const appended = await panel.sendTimed({
      type: 'trace/append',
      requestId: 'r1',
      events: events.slice(-60),
    });
    console.log(
      `${tokens} tokens: snapshot ${shown.toFixed(0)} ms, append of 60 events ${appended.toFixed(0)} ms`,
    );
    expect(shown).toBeLessThan(snapshotMs);
    expect(appended).toBeLessThan(appendMs);
    const drawn = await panel.page.locator('.token').count();
    expect(drawn).toBeGreaterThan(20);
    expect(drawn).toBeLessThan(1_500);
    await panel.page.locator('.strip').focus();
    await panel.page.keyboard.press('End');
    await panel.page.locator(`#token-${tokensPerCandidate - 1}[data-focused]`).waitFor();
  });
});
