import { describe, expect, it } from 'vitest';
import type { SearchEvent, TraceEvent } from '../../protocol/traceEvent.ts';
import type { PanelPage } from '../support/browser/panelPage.ts';
import { usePanels } from '../support/browser/panelSuite.ts';
import { answeringTrace, closed, numbered, written } from '../support/trace/answerEvents.ts';
import { generatedTrace } from '../support/trace/generatedTrace.ts';

const requestId = 'r1';
const openPanel = usePanels();
/** From a message with a token to that token in the document. A machine with other work may be late for one in ten. */
const tokenBoundMs = 100;

/** A panel that shows a running question, and takes further events of it. */
async function streaming(panel: PanelPage, candidateCount = 1) {
  const head = answeringTrace(candidateCount);
  let seq = head.length;
  await panel.send({ type: 'trace/snapshot', requestId, events: head });
  const next = (events: readonly SearchEvent[]): readonly TraceEvent[] => {
    const taken = numbered(events, seq);
    seq += events.length;
    return taken;
  };
  return {
    append: (...events: readonly SearchEvent[]) =>
      panel.send({ type: 'trace/append', requestId, events: next(events) }),
    next,
  };
}

const selected = (text: string, answer: string | null = null): SearchEvent => ({
  type: 'answer/selected',
  candidateId: 0,
  answer,
  text,
});

describe('an answer that is being written', () => {
  it('is in the document within 100 ms of each token', async () => {
    const panel = await openPanel();
    const { next, append } = await streaming(panel);
    const paragraphs = Array.from({ length: 60 }, (_, index) => `Paragraph **${index}** of the answer.`);
    await append(written(0, 'answer', paragraphs.join('\n\n')));
    const delays: number[] = [];
    for (let token = 0; token < 40; token++) {
      const events = next([written(0, 'answer', `${token % 8 === 0 ? '\n\n' : ' '}token${token}.`)]);
      const message = JSON.stringify({ type: 'trace/append', requestId, events });
      delays.push(await panel.page.evaluate(delayOf, [message, `token${token}.`] as const));
    }
    const sorted = delays.toSorted((a, b) => a - b);
    const [median = Infinity, late = Infinity, worst = Infinity] = [20, 36, 39].map((place) => sorted[place]);
    console.log(
      `token to document: median ${median.toFixed(1)} ms, nine of ten ${late.toFixed(1)} ms, worst ${worst.toFixed(1)} ms`,
    );
    expect(late).toBeLessThan(tokenBoundMs);
  });

  it('has its thought above it, open until the answer begins, and from then on as the reader leaves it', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const { append } = await streaming(panel);
    await append(written(0, 'thought', 'Eggs: **16** - 7.'));
    const answer = page.getByRole('region', { name: 'Answer' });
    const thought = answer.locator('details.thought');
    expect(await thought.locator('summary').textContent()).toBe('Thinking…');
    expect(await thought.locator('strong').textContent()).toBe('16');
    expect(await answer.locator('.answer-text').getAttribute('aria-busy')).toBe('true');
    await append(written(0, 'answer', ' It is nine.'));
    expect(await thought.getAttribute('open')).toBeNull();
    expect(await thought.locator('summary').textContent()).toBe('Thought');
    expect(await answer.locator('p').textContent()).toBe(' It is nine.');
    await thought.locator('summary').focus();
    await page.keyboard.press('Enter');
    await append(
      written(0, 'answer', ' Quite.'),
      closed(0, null),
      selected('Eggs: **16** - 7. It is nine. Quite.'),
    );
    expect(await thought.getAttribute('open')).not.toBeNull();
    expect(await answer.locator('.answer-text > .markdown').textContent()).toBe(' It is nine. Quite.');
    expect(await answer.locator('.answer-text').getAttribute('aria-busy')).toBe('false');
  });

  it('stays closed where the reader closed the thought', async () => {
    const panel = await openPanel();
    const { append } = await streaming(panel);
    await append(written(0, 'thought', 'Eggs.'));
    const thought = panel.page.locator('details.thought');
    await thought.locator('summary').click();
    await append(written(0, 'thought', ' More eggs.'));
    expect(await thought.getAttribute('open')).toBeNull();
  });

  it('is that of the candidate that leads, which is named, until one is selected', async () => {
    const panel = await openPanel();
    const { append } = await streaming(panel, 3);
    const answer = panel.page.getByRole('region', { name: 'Answer' });
    await append(written(0, 'thought', 'One'), written(1, 'answer', 'Two'));
    expect(await answer.textContent()).toContain('Candidate 2 leads: the first to answer');
    expect(await answer.textContent()).toContain('Two');
    await append(closed(1, '2'), written(0, 'answer', 'One'), closed(0, '1'), selected('One', '1'));
    expect(await answer.textContent()).not.toContain('leads');
    expect(await answer.textContent()).toContain('One');
  });

  it('draws what it has drawn before once, and follows its end only for a reader who is there', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const { append } = await streaming(panel);
    const lines = Array.from({ length: 60 }, (_, index) => `Line ${index}.`).join('\n\n');
    await append(written(0, 'answer', `${lines}\n\nLast line`));
    const text = page.locator('.answer-text');
    const fromEnd = () => text.evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop);
    expect(await fromEnd()).toBeLessThan(2);
    await page.evaluate(() => {
      const first = document.querySelector('.answer-text p');
      Object.assign(window, { first, changes: 0 });
      new MutationObserver((records) => {
        const own = records.filter(
          ({ target }) => !document.querySelector('.answer-text p:last-child')?.contains(target),
        );
        Object.assign(window, { changes: Number(Reflect.get(window, 'changes')) + own.length });
      }).observe(document.querySelector('.answer-text') ?? document.body, {
        subtree: true,
        childList: true,
        characterData: true,
      });
    });
    await append(written(0, 'answer', ' goes on.'));
    expect(await page.evaluate('changes')).toBe(0);
    expect(await page.evaluate('first === document.querySelector(".answer-text p")')).toBe(true);
    await append(written(0, 'answer', '\n\nAnother.\n\nAnd another.'));
    expect(await fromEnd()).toBeLessThan(2);
    await text.evaluate(async (box) => {
      const scrolled = new Promise((resolve) => {
        box.addEventListener('scroll', resolve, { once: true });
      });
      box.scrollTop = 40;
      await scrolled;
    });
    await append(written(0, 'answer', '\n\nOne more.'));
    expect(await text.evaluate((box) => box.scrollTop)).toBe(40);
  });
});

/** Posts a message as the host does, and measures until the text is in the answer. */
async function delayOf([message, text]: readonly [string, string]): Promise<number> {
  const box = document.querySelector('.answer-text');
  if (box === null) throw new Error('No answer is shown.');
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    const observer = new MutationObserver(() => {
      if (!box.textContent.includes(text)) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(box, { subtree: true, childList: true, characterData: true });
    window.postMessage(JSON.parse(message), '*');
  });
  return performance.now() - startedAt;
}

describe('code in an answer', () => {
  const code = 'def add(a, b):\n    return a + b';

  it('can be copied, inserted and applied once it is closed, by keyboard too', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const { append } = await streaming(panel);
    await append(written(0, 'answer', `Like this:\n\`\`\`python\n${code}`));
    const block = page.getByRole('group', { name: 'python code' });
    expect(await block.locator('pre').textContent()).toBe(code);
    expect(await block.getByRole('button').count()).toBe(0);
    await append(written(0, 'answer', '\n```\n\nIt adds.'));
    const names = await block.getByRole('button').allTextContents();
    expect(names).toEqual(['Copy', 'Insert at Cursor', 'Apply']);
    await block.getByRole('button', { name: 'Copy' }).focus();
    await page.keyboard.press('Enter');
    expect(await block.getByRole('button', { name: 'Copied' }).count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await block.getByRole('button', { name: 'Copy' }).count()).toBe(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect((await panel.posted()).slice(1)).toEqual([
      { type: 'code/copied', code },
      { type: 'code/inserted', code },
      { type: 'code/applied', requestId: expect.stringMatching(/^generated-/) as string, code },
    ]);
  });

  it('is not applied where the answer ended within it', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const { append } = await streaming(panel);
    const text = `\`\`\`python\n${code}`;
    await append(written(0, 'answer', text), closed(0, null), selected(text));
    const block = page.getByRole('group', { name: 'python code' });
    expect(await block.textContent()).toContain('Cut off');
    expect(await block.getByRole('button').allTextContents()).toEqual(['Copy', 'Insert at Cursor']);
  });

  it('fits a narrow panel', async () => {
    const panel = await openPanel({ width: 320, height: 700 });
    await panel.send({ type: 'trace/snapshot', requestId, events: generatedTrace() });
    const block = panel.page.getByRole('group', { name: 'python code' });
    expect(
      await block.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
    ).toBeLessThanOrEqual(0);
    expect(await block.getByRole('button', { name: 'Apply' }).isVisible()).toBe(true);
  });
});
