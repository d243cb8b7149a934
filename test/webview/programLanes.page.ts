import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import type { CodeVerifier } from '../../sidecar/verify/codeVerifier.ts';
import { usePanels } from '../support/browser/panelSuite.ts';
import { runScripted } from '../support/engine/scriptedRequest.ts';
import { shippedParser } from '../support/machine/shippedGrammars.ts';

const requestId = 'r1';
const openPanel = usePanels();

const block = (code: string): string => `\`\`\`js\n${code}\n\`\`\`\n`;
const programs = [
  'exports.add = (a, b) => a - b;',
  'exports.add = (a, b => a % b;',
  'exports.add = (a, b) => a * b;',
  'exports.add = function (a, b) { return a / b; };',
].map((code, place) => `${'Well, '.repeat(3 * place)}here it is:\n${block(code)}`);

const addition: CodeVerifier = {
  command: 'npm test',
  verify: ({ text }) =>
    Promise.resolve({
      outcome: text.includes('a + b') ? 'passed' : 'failed',
      exitCode: text.includes('a + b') ? 0 : 1,
      output: text.includes('a + b') ? '' : '<b>2 + 3 should be 5</b>',
      durationMs: 700,
      confinement: { kind: 'bubblewrap' },
    }),
};

/** Four programs of which none passes, and their repair, which does. */
async function race(): Promise<readonly TraceEvent[]> {
  const { events } = await runScripted(
    ({ sequence, text }) =>
      text.includes('Find the error') ? block('exports.add = (a, b) => a + b;') : (programs[sequence] ?? ''),
    {
      request: {
        strategy: 'directBestOfN',
        candidateCount: programs.length,
        question: 'Write a JavaScript function that adds two numbers.',
      },
      dependencies: { verifier: addition, codeParser: shippedParser },
    },
  );
  return events;
}

describe('lanes of programs', () => {
  it('show what parses, what passes, what was repaired and what was chosen', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: await race() });
    const lanes = page.getByRole('listbox', { name: 'Candidates' }).getByRole('option');
    const facts = await lanes.evaluateAll((all) =>
      all.map((lane) => [...lane.querySelectorAll('.program-fact')].map(({ textContent }) => textContent)),
    );
    expect(facts).toEqual([
      ['parses', 'test failed (1)', 'repaired by #5'],
      ['does not parse', 'test failed (1)'],
      ['parses', 'test failed (1)'],
      ['parses', 'test failed (1)'],
      ['parses', 'test passed (0)', 'repairs #1', 'chosen'],
    ]);
    const test = lanes.first().getByText('test failed (1)');
    expect(await test.getAttribute('title')).toContain('<b>2 + 3 should be 5</b>');
    expect(await lanes.nth(4).getAttribute('aria-label')).toContain('repairs #1, chosen');
    const decisions = await page.getByRole('region', { name: 'Decisions' }).textContent();
    expect(decisions).toContain('Repair begun');
  });

  it('have a line for it below each, and none where there is no program', async () => {
    const panel = await openPanel({ width: 560 });
    const { page } = panel;
    const events = await race();
    const heightOf = async (): Promise<number> =>
      (await page.locator('.lane').first().boundingBox())?.height ?? 0;
    const early = events.slice(
      0,
      events.findIndex(({ type }) => type === 'code/parsed'),
    );
    await panel.send({ type: 'trace/snapshot', requestId, events: early });
    const plain = await heightOf();
    await panel.send({ type: 'trace/append', requestId, events: events.slice(early.length) });
    expect(await heightOf()).toBe(plain + 18);
    const lines = page.locator('.lane-program');
    expect(await lines.count()).toBe(5);
    const overflow = await lines.evaluateAll((all) =>
      all.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
    );
    expect(overflow).toEqual([0, 0, 0, 0, 0]);
  });
});
