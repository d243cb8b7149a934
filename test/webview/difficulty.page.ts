import { describe, expect, it } from 'vitest';
import type { Health } from '../../protocol/health.ts';
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
    expect(names).toEqual(['Auto', 'Easy', 'Normal', 'Hard']);
    const pressed = choices.getByRole('button', { pressed: true });
    expect(await pressed.textContent()).toBe('Auto');
    await choices.getByRole('button', { name: 'Hard' }).click();
    // The panel shows what the host says is in force, and nothing of its own accord.
    expect(await pressed.textContent()).toBe('Auto');
    await panel.send({ type: 'difficulty/changed', choice: 'hard' });
    expect(await pressed.textContent()).toBe('Hard');
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
    expect(await again.getByRole('button').allTextContents()).toEqual(['Easy', 'Normal', 'Hard']);
    expect(await again.getByRole('button', { name: 'Hard' }).isDisabled()).toBe(true);
    await panel.send({ type: 'health/changed', health: ready });
    await again.getByRole('button', { name: 'Hard' }).click();
    const asked = (await panel.posted()).filter(({ type }) => type === 'question/askedAgain');
    expect(asked).toEqual([{ type: 'question/askedAgain', requestId, difficulty: 'hard' }]);
  });
});
