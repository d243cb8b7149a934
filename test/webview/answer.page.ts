import { describe, expect, it } from 'vitest';
import type { CandidateId, TraceEvent } from '../../protocol/traceEvent.ts';
import { usePanels } from '../support/browser/panelSuite.ts';
import { generatedTrace } from '../support/trace/generatedTrace.ts';

const requestId = 'r1';
const openPanel = usePanels();

/** A finished trace whose candidates 1 and 2 gave this answer, the first of them in this text. */
function answered(answer: string, text: string): readonly TraceEvent[] {
  const agreeing: readonly CandidateId[] = [0, 1];
  return generatedTrace({ tokensPerCandidate: 40 }).map((event): TraceEvent => {
    if (event.type === 'answer/selected') return { ...event, answer, text };
    if (event.type === 'candidate/closed' && agreeing.includes(event.candidateId))
      return { ...event, answer };
    if (event.type !== 'vote/cast') return event;
    const tallies = event.tallies.map((tally) => (tally.answer === '18' ? { ...tally, answer } : tally));
    return { ...event, tallies };
  });
}

const everything = `# Plan

First **multiply**, then _add_, ~~guess~~:

1. \`16 - 3 - 4\`
   - eggs
2. times two

| day | eggs |
|:---|---:|
| Mon | 9 |

> Checked.

- [x] done

See [the shop](http://shop.test/eggs).

\`\`\`python
print(9 * 2)`;

describe('an answer in Markdown', () => {
  it('is laid out: headings below the panel’s own, lists, tables, quotes, and code that nothing closes', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: answered('18', everything) });
    const answer = page.getByRole('region', { name: 'Answer' });
    expect(await answer.locator('.answer-value').textContent()).toBe('18');
    expect(await answer.getByRole('heading', { level: 3, name: 'Plan' }).count()).toBe(1);
    for (const [tag, words] of [
      ['strong', 'multiply'],
      ['em', 'add'],
      ['del', 'guess'],
      ['ol > li > p > code', '16 - 3 - 4'],
      ['ol ul > li', 'eggs'],
      ['th', 'day'],
      ['td', 'Mon'],
      ['blockquote', 'Checked.'],
      ['pre', 'print(9 * 2)'],
    ] as const) {
      expect(await answer.locator(tag).first().textContent(), tag).toBe(words);
    }
    expect(await answer.getByRole('img', { name: 'Done' }).count()).toBe(1);
    expect(await answer.textContent()).toContain('See the shop (http://shop.test/eggs).');
  });

  it('draws formulas as MathML, and shows what is none as it stands in its brackets', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const typed =
      'So \\(\\frac{36}{2} = 18\\), and\n\n\\[ 3 \\times \\boxed{6} \\]\n\nbut \\(\\frac{1\\) and \\(\\def\\a{\\a\\a}\\a\\).';
    await panel.send({ type: 'trace/snapshot', requestId, events: answered('18', typed) });
    const text = page.locator('.markdown');
    expect(await text.locator('math mfrac').count()).toBe(1);
    expect(await text.locator('.formula-line math').count()).toBe(1);
    const [above, below] = await Promise.all(
      [0, 1].map((part) => text.locator('math mfrac > *').nth(part).boundingBox()),
    );
    expect(above?.y).toBeLessThan(below?.y ?? 0);
    expect(await text.locator('math menclose').evaluate((box) => getComputedStyle(box).borderTopStyle)).toBe(
      'solid',
    );
    expect(await text.locator('.formula').nth(1).textContent()).toBe('\\frac{1');
    expect(await text.locator('.formula').nth(2).textContent()).toBe('\\def\\a{\\a\\a}\\a');
  });

  it('holds nothing that can be followed, loaded or run', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const requested: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    const hostile = [
      '<img src="http://evil.test/a.png" onerror="document.title=\'owned\'">',
      '<script>document.title="owned"</script>',
      '[click](javascript:document.title="owned")',
      '![cat](http://evil.test/cat.png) <http://evil.test/auto>',
      '>'.repeat(10_000),
      '\\(\\href{javascript:document.title="owned"}{formula}\\) \\(\\includegraphics{http://evil.test/b.png}\\)',
    ].join('\n\n');
    await panel.send({ type: 'trace/snapshot', requestId, events: answered('18', hostile) });
    const text = page.locator('.markdown');
    expect(await text.locator('img, script, a, iframe, [href], [src], [onerror]').count()).toBe(0);
    for (const shown of [
      'onerror="document',
      '<script>',
      'click (javascript:',
      'cat (http://evil.test/cat.png)',
    ]) {
      expect(await text.textContent()).toContain(shown);
    }
    expect(await page.title()).not.toBe('owned');
    expect(requested).toEqual([]);
  });
});

describe('an answer that is a program', () => {
  const lines = Array.from({ length: 40 }, (_, line) => `    total += ${'value * '.repeat(8)}${line}`);
  const program = ['def total(value):', ...lines].join('\n');

  it('takes one line in the vote, the lanes and above the text, and opens to the whole by keyboard', async () => {
    const panel = await openPanel({ width: 640, height: 1000 });
    const { page } = panel;
    await panel.send({
      type: 'trace/snapshot',
      requestId,
      events: answered(program, `Here:\n\n\`\`\`python\n${program}\n\`\`\``),
    });
    for (const name of ['Vote', 'Answer']) {
      const short = page.getByRole('region', { name }).locator('.short-answer').first();
      expect(await short.locator('summary').innerText()).toContain('+40 lines');
      expect((await short.boundingBox())?.height).toBeLessThan(30);
      const whole = short.getByLabel('Whole answer');
      expect(await whole.isVisible()).toBe(false);
      await short.locator('summary').focus();
      await page.keyboard.press('Enter');
      expect(await whole.textContent()).toBe(program);
      expect(await whole.isVisible()).toBe(true);
    }
    const lane = page.locator('#lane-0');
    expect(await lane.locator('.lane-answer').textContent()).toBe('def total(value):');
    expect(await lane.getAttribute('aria-label')).not.toContain('total +=');
  });
});

describe('the answer of an edit', () => {
  const edit = (text: string): readonly TraceEvent[] =>
    answered('x = 1', text).map((event) =>
      event.type === 'request/started' ? { ...event, kind: 'edit' } : event,
    );

  it('is folded where it has code, which the comparison shows', async () => {
    const panel = await openPanel();
    const answer = panel.page.getByRole('region', { name: 'Answer' });
    await panel.send({ type: 'trace/snapshot', requestId, events: edit('```python\nx = 1\n```') });
    const code = answer.locator('pre');
    await answer.getByText('What the model wrote').waitFor();
    expect(await code.isVisible()).toBe(false);
    await answer.getByText('What the model wrote').click();
    expect(await code.isVisible()).toBe(true);
    // The comparison is where it is applied.
    const names = await answer
      .getByRole('group', { name: 'python code' })
      .getByRole('button')
      .allTextContents();
    expect(names).toEqual(['Copy', 'Insert at Cursor']);
  });

  it('is shown where it has none', async () => {
    const panel = await openPanel();
    const answer = panel.page.getByRole('region', { name: 'Answer' });
    await panel.send({ type: 'trace/snapshot', requestId, events: edit('I would not change this.') });
    await answer.getByText('I would not change this.').waitFor();
    expect(await answer.getByText('What the model wrote').count()).toBe(0);
  });
});
