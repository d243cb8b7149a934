import { describe, expect, it } from 'vitest';
import type { Health } from '../../protocol/health.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { usePanels } from '../support/browser/panelSuite.ts';
import { generatedTrace } from '../support/trace/generatedTrace.ts';

const requestId = 'r1';
const openPanel = usePanels();
const finished = generatedTrace();
const ready: Health = {
  state: 'ready',
  modelName: 'qwen2.5-coder-0.5b',
  backend: 'CPU',
  contextTokens: 4096,
  notes: [],
};

describe('the difficulty gauge', () => {
  it('sets with one click, or from the keyboard, how hard the next questions are taken to be', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const gauge = page.getByRole('region', { name: 'Difficulty' });
    const choices = gauge.getByRole('group', { name: 'Next questions' });
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    // Nobody has said yet what is in force.
    expect(await choices.count()).toBe(0);
    await panel.send({ type: 'difficulty/changed', choice: 'measured' });
    const names = await choices.getByRole('button').allTextContents();
    expect(names).toEqual([
      'Auto',
      'Easy · no thought, cost not measured',
      'Normal · one thought ≈ 1×',
      'Hard · up to 8 thoughts ≈ 5×',
    ]);
    const pressed = choices.getByRole('button', { pressed: true });
    expect(await pressed.textContent()).toBe('Auto');
    await choices.getByRole('button', { name: 'Hard' }).click();
    // The panel shows what the host says is in force, and nothing of its own accord.
    expect(await pressed.textContent()).toBe('Auto');
    await panel.send({ type: 'difficulty/changed', choice: 'hard' });
    expect(await pressed.textContent()).toContain('Hard');
    await pressed.focus();
    for (const key of ['Shift+Tab', 'Shift+Tab', 'Space']) await page.keyboard.press(key);
    const chosen = (await panel.posted()).filter(({ type }) => type === 'difficulty/chosen');
    expect(chosen).toEqual([
      { type: 'difficulty/chosen', choice: 'hard' },
      { type: 'difficulty/chosen', choice: 'easy' },
    ]);
  });

  it('asks again as another class where the host knows how it was asked, once the engine is ready', async () => {
    const panel = await openPanel();
    const again = panel.page.getByRole('group', { name: 'Ask again as' });
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    expect(await again.count()).toBe(0);
    await panel.send(
      { type: 'trace/snapshot', requestId, events: finished, canAskAgain: true },
      { type: 'health/changed', health: { state: 'starting' } },
    );
    expect(await again.getByRole('button').allTextContents()).toEqual([
      'Easy · no thought, cost not measured',
      'Normal · one thought ≈ 1×',
      'Hard · up to 8 thoughts ≈ 5×',
    ]);
    expect(await again.getByRole('button', { name: 'Hard' }).isDisabled()).toBe(true);
    await panel.send({ type: 'health/changed', health: ready });
    await again.getByRole('button', { name: 'Hard' }).click();
    const asked = (await panel.posted()).filter(({ type }) => type === 'question/askedAgain');
    expect(asked).toEqual([{ type: 'question/askedAgain', requestId, difficulty: 'hard' }]);
  });

  it('says that nothing follows by itself where every class leads to the same, and offers nothing that would not act', async () => {
    const panel = await openPanel();
    const gauge = panel.page.getByRole('region', { name: 'Difficulty' });
    const nothingFollows = gauge.getByText('Nothing follows from it by itself');
    await panel.send(
      { type: 'trace/snapshot', requestId, events: finished, canAskAgain: true },
      { type: 'difficulty/changed', choice: 'measured' },
    );
    expect(await nothingFollows.count()).toBe(0);
    expect(await gauge.getByRole('group').count()).toBe(2);
    const equal = changed((event) => ({ ...event, isAdaptive: false }));
    await panel.send({ type: 'trace/snapshot', requestId, events: equal, canAskAgain: true });
    expect(await nothingFollows.count()).toBe(1);
    expect(await gauge.getByRole('listitem').count()).toBe(3);
    const called = changed((event) => ({ ...event, isAdaptive: false, source: 'override' }));
    await panel.send({ type: 'trace/snapshot', requestId, events: called, canAskAgain: true });
    expect(await nothingFollows.count()).toBe(0);
    const code = changed((event) => ({ ...event, isAdaptive: false, offers: [] }));
    await panel.send({ type: 'trace/snapshot', requestId, events: code, canAskAgain: true });
    expect(await gauge.getByRole('group').count()).toBe(0);
  });

  it('offers no class for the next questions where a setting chooses the strategy', async () => {
    const panel = await openPanel();
    await panel.send(
      { type: 'trace/snapshot', requestId, events: finished },
      { type: 'difficulty/changed', choice: null },
    );
    expect(await panel.page.getByRole('group', { name: 'Next questions' }).count()).toBe(0);
  });
});

type Decided = Extract<TraceEvent, { readonly type: 'difficulty/decided' }>;

/** The finished trace with something else decided of its difficulty. */
function changed(change: (event: Decided) => Decided): readonly TraceEvent[] {
  return finished.map((event) => (event.type === 'difficulty/decided' ? change(event) : event));
}
