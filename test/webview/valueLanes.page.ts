import { expect, it } from 'vitest';
import type { SearchEvent } from '../../protocol/traceEvent.ts';
import { usePanels } from '../support/browser/panelSuite.ts';
import { numbered } from '../support/trace/answerEvents.ts';
import { generatedTrace } from '../support/trace/generatedTrace.ts';

const requestId = 'r1';
const openPanel = usePanels();

const read = (candidateId: number, values: readonly number[], answer: number | null): SearchEvent => ({
  type: 'value/read',
  candidateId,
  lineEnds: { atTokens: values.map((_, index) => 20 * (index + 1)), values },
  answer,
});

it('a lane has P(right) as a line as it is read, its last value as a number, and why no more began', async () => {
  const panel = await openPanel();
  const { page } = panel;
  const events = generatedTrace({ tokensPerCandidate: 120, tokensPerEvent: 20, isUnfinished: true });
  await panel.send({ type: 'trace/snapshot', requestId, events });
  const lanes = page.getByRole('listbox', { name: 'Candidates' }).getByRole('option');
  const drawn = (): Promise<string> =>
    page.locator('.lanes-canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  expect(await page.locator('.lane-value').count()).toBe(0);
  const before = await drawn();

  const values = [read(0, [0.4, 0.55, 0.7], null), read(1, [0.45, 0.2, 0.1], null)];
  await panel.send({ type: 'trace/append', requestId, events: numbered(values, events.length) });
  expect(await page.locator('.lane-value').allTextContents()).toEqual(['70 %', '10 %']);
  expect(await page.locator('.legend').first().textContent()).toContain('P(right)');
  await expect.poll(drawn).not.toBe(before);

  const why = 'The 2 waiting can be left out: by their values there is a 3 % chance that more would help.';
  const last: readonly SearchEvent[] = [
    read(0, [], 0.83),
    { type: 'decision/made', kind: 'hopelessByValue', candidateId: null, why },
  ];
  await panel.send({
    type: 'trace/append',
    requestId,
    events: numbered(last, events.length + values.length),
  });
  expect(await lanes.first().locator('.lane-value').textContent()).toBe('83 %');
  expect(await lanes.first().getAttribute('aria-label')).toContain('83 % likely right');
  expect(await page.getByRole('region', { name: 'Decisions' }).textContent()).toContain(why);
});
