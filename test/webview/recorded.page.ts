import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedTokenCount } from '../../protocol/budget.ts';
import { parseTrace } from '../../protocol/parseTrace.ts';
import { initialTraceState, reduceTraceAll } from '../../protocol/traceState.ts';
import { usePanels } from '../support/browser/panelSuite.ts';

/** A question to the default model with three candidates, as `entropane ask` recorded it. */
const recording = new URL('../fixtures/traces/recorded.jsonl', import.meta.url);
const events = parseTrace(readFileSync(recording, 'utf8'), recording.pathname);
const trace = reduceTraceAll(initialTraceState, events);
const requestId = events[0]?.type === 'request/started' ? events[0].requestId : 'none';
const openPanel = usePanels();

describe('a trace recorded from the real model', () => {
  it('is shown as it was: question, candidates, votes, tokens and answer', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events });
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(trace.started?.title);
    const candidates = page.getByRole('listbox', { name: 'Candidates' }).getByRole('option');
    expect(await candidates.count()).toBe(trace.candidates.length);
    expect(trace.candidates.length).toBe(3);
    for (const { id, tokenCount } of trace.candidates) {
      const name = await page.locator(`#lane-${id}`).getAttribute('aria-label');
      expect(name).toContain(`${tokenCount} tokens`);
    }
    const votes = page.getByRole('region', { name: 'Vote' }).getByRole('listitem');
    expect(await votes.count()).toBe(trace.vote?.tallies.length);
    expect(await page.locator('.answer-value').textContent()).toBe(trace.selected?.answer);
    const generated = page.locator('.figure', { hasText: 'Generated' });
    expect(await generated.textContent()).toContain(generatedTokenCount(trace.ledger).toLocaleString('en'));
  });

  it('comes to the same when it is streamed', async () => {
    const batch = 10;
    const [whole, streamed] = [await openPanel(), await openPanel()];
    await whole.send({ type: 'trace/snapshot', requestId, events });
    await streamed.send({ type: 'trace/snapshot', requestId, events: events.slice(0, 1) });
    for (let from = 1; from < events.length; from += batch) {
      await streamed.send({ type: 'trace/append', requestId, events: events.slice(from, from + batch) });
    }
    const textOf = (panel: typeof whole): Promise<string> => panel.page.locator('.column-side').innerText();
    expect(await textOf(streamed)).toBe(await textOf(whole));
  });
});
