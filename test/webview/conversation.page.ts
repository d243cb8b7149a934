import { describe, expect, it } from 'vitest';
import type { ContextChip } from '../../protocol/panelMessages.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { usePanels } from '../support/browser/panelSuite.ts';
import { generatedTrace } from '../support/trace/generatedTrace.ts';

const requestId = 'r1';
const openPanel = usePanels();
const finished = generatedTrace();
const chips: readonly ContextChip[] = [
  { id: 's', kind: 'selection', label: 'app.ts:3-12', title: 'What is selected in app.ts', isGiven: true },
  { id: 'f', kind: 'file', label: 'app.ts', title: 'The whole of app.ts', isGiven: false },
];

describe('what goes along with a question', () => {
  it('is shown above the box, and removed or added by a key', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'context/changed', chips, edit: null });
    const list = page.getByRole('list', { name: 'Goes along with the question' });
    expect(await list.getByRole('listitem').allTextContents()).toEqual(['app.ts:3-12', '+ app.ts']);
    await list.getByRole('button', { name: 'Remove app.ts:3-12' }).press('Enter');
    await list.getByRole('button', { name: 'Add app.ts' }).press('Enter');
    expect((await panel.posted()).slice(1)).toEqual([
      { type: 'context/removed', id: 's' },
      { type: 'context/given', id: 'f' },
    ]);
  });

  it('takes files that are typed after #, chosen by arrow keys', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const field = page.getByRole('textbox', { name: 'Question' });
    await field.pressSequentially('Why does #ap');
    expect(await panel.posted()).toContainEqual({ type: 'files/sought', query: 'ap' });
    await panel.send({ type: 'files/found', query: 'ap', paths: ['src/app.ts', 'src/apple.ts'] });
    const options = page.getByRole('listbox', { name: 'Files' }).getByRole('option');
    expect(await options.allTextContents()).toEqual(['src/app.ts', 'src/apple.ts']);
    await field.press('ArrowDown');
    expect(await options.nth(1).getAttribute('aria-selected')).toBe('true');
    expect(await field.getAttribute('aria-activedescendant')).toBe(await options.nth(1).getAttribute('id'));
    await field.press('Enter');
    expect(await field.inputValue()).toBe('Why does #src/apple.ts ');
    expect(await options.count()).toBe(0);
    await field.pressSequentially('fail?');
    await field.press('Enter');
    expect((await panel.posted()).slice(-2)).toEqual([
      { type: 'context/added', path: 'src/apple.ts' },
      { type: 'question/asked', question: 'Why does #src/apple.ts fail?', follows: null },
    ]);
  });

  it('lists nothing that was found for other letters, and closes by Escape', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const field = page.getByRole('textbox', { name: 'Question' });
    await field.pressSequentially('#app');
    await panel.send({ type: 'files/found', query: 'ap', paths: ['src/ape.ts'] });
    expect(await page.getByRole('listbox', { name: 'Files' }).count()).toBe(0);
    await panel.send({ type: 'files/found', query: 'app', paths: ['src/app.ts'] });
    await field.press('Escape');
    expect(await page.getByRole('listbox', { name: 'Files' }).count()).toBe(0);
    expect(await field.inputValue()).toBe('#app');
  });
});

describe('the words of a question', () => {
  it('stay in the box until the question is being answered, and what is typed meanwhile stays after', async () => {
    const panel = await openPanel();
    const field = panel.page.getByRole('textbox', { name: 'Question' });
    await field.fill('Why does #big.bin fail?');
    await field.press('Enter');
    expect(await field.inputValue()).toBe('Why does #big.bin fail?');
    await field.fill('Why does it fail?');
    await panel.send({ type: 'question/accepted', question: 'Why does #big.bin fail?' });
    expect(await field.inputValue()).toBe('Why does it fail?');
    await panel.send({ type: 'question/accepted', question: 'Why does it fail?' });
    await expect.poll(() => field.inputValue()).toBe('');
  });
});

describe('the switch of the box', () => {
  const problems = {
    id: 'p',
    kind: 'problems',
    label: '1 problem',
    title: 'What is reported about these lines of app.ts',
    isGiven: true,
  } as const;
  const edit = { place: 'lines 3 to 12 of app.ts', chips: [problems] };

  it('has the words edit code, with the chips of an edit, by keys alone', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send(
      { type: 'trace/snapshot', requestId, events: finished },
      { type: 'context/changed', chips, edit },
    );
    await page.getByRole('radio', { name: 'Ask' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('radio', { name: 'Edit' }).isChecked()).toBe(true);
    // An edit goes on with no conversation.
    expect(
      await page
        .locator('.ask')
        .getByText(/Follows/)
        .count(),
    ).toBe(0);
    const list = page.getByRole('list', { name: 'Goes along with the edit' });
    expect(await list.getByRole('listitem').allTextContents()).toEqual(['1 problem']);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    const field = page.getByRole('textbox', { name: 'Instruction' });
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await field.getAttribute('aria-describedby')).toBe(
      await page.getByText('May change lines 3 to 12 of app.ts.').locator('..').getAttribute('id'),
    );
    await page.keyboard.type('Return 0 for an empty list');
    await page.keyboard.press('Enter');
    expect((await panel.posted()).slice(1)).toEqual([
      { type: 'context/removed', id: 'p' },
      { type: 'edit/asked', instruction: 'Return 0 for an empty list' },
    ]);
    await panel.send({ type: 'question/accepted', question: 'Return 0 for an empty list' });
    await expect.poll(() => field.inputValue()).toBe('');
  });

  it('keeps the words when it is switched, and edits nothing without a file', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'context/changed', chips: [], edit: null });
    await page.getByRole('textbox', { name: 'Question' }).fill('Rename it');
    await page.getByText('Edit', { exact: true }).click();
    const field = page.getByRole('textbox', { name: 'Instruction' });
    expect(await field.inputValue()).toBe('Rename it');
    expect(await page.getByText('Open a file to edit.').isVisible()).toBe(true);
    expect(await page.getByRole('button', { name: 'Edit' }).isDisabled()).toBe(true);
    await field.press('Enter');
    await page.getByText('Ask', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Question' }).press('Enter');
    expect((await panel.posted()).slice(1)).toEqual([
      { type: 'question/asked', question: 'Rename it', follows: null },
    ]);
  });
});

describe('a conversation', () => {
  it('goes on with the question on show, unless a new one is begun', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    const field = page.getByRole('textbox', { name: 'Question' });
    expect(await field.getAttribute('placeholder')).toBe('Ask a follow-up question');
    await field.fill('And for twelve eggs?');
    await field.press('Enter');
    await page.getByRole('button', { name: 'New conversation' }).click();
    await field.fill('Another matter?');
    await field.press('Enter');
    const asked = (await panel.posted()).filter(({ type }) => type === 'question/asked');
    expect(asked).toEqual([
      { type: 'question/asked', question: 'And for twelve eggs?', follows: requestId },
      { type: 'question/asked', question: 'Another matter?', follows: null },
    ]);
    await page.getByRole('button', { name: 'Follow up instead' }).click();
    expect(await page.locator('.follow').textContent()).toContain('Follows “Janet’s ducks');
  });

  it('does not go on with a question that is still being answered', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: generatedTrace({ isUnfinished: true }) });
    expect(await page.locator('.follow').count()).toBe(0);
    expect(await page.getByRole('textbox', { name: 'Question' }).getAttribute('placeholder')).toBe(
      'Ask a question',
    );
  });

  it('shows what went along and what had no room, earlier questions to be opened', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const context = {
      attachments: [{ languageId: 'typescript', path: 'src/app.ts', text: 'let a;\nlet b;' }],
      conversation: ['r0'],
    };
    const why = 'The context of 4096 tokens has no room for src/other.ts.';
    const events = finished.flatMap((event): readonly TraceEvent[] => {
      if (event.type !== 'request/started') return [event];
      return [
        { ...event, context },
        { type: 'decision/made', kind: 'contextLeftOut', candidateId: null, why, seq: 0, timeMs: 0 },
      ];
    });
    const summary = {
      requestId: 'r0',
      startedAt: '2026-01-01T00:00:00.000Z',
      kind: 'ask',
      path: 'r0',
      sizeBytes: 1,
    } as const;
    await panel.send(
      { type: 'trace/snapshot', requestId, events: events.map((event, seq) => ({ ...event, seq })) },
      { type: 'traces/listed', traces: [{ ...summary, title: 'How many eggs?' }] },
    );
    const section = page.getByRole('region', { name: 'Went along' });
    expect(await section.getByRole('listitem').allTextContents()).toEqual([
      'How many eggs?',
      'src/app.ts 2 lines',
    ]);
    expect(await section.textContent()).toContain(why);
    await section.getByRole('button', { name: 'How many eggs?' }).click();
    expect(await panel.posted()).toContainEqual({ type: 'trace/open', requestId: 'r0' });
  });
});
