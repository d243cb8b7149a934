import { describe, expect, it } from 'vitest';
import { purposes } from '../../protocol/budget.ts';
import type { SearchEvent } from '../../protocol/traceEvent.ts';
import { usePanels } from '../support/browser/panelSuite.ts';
import { generatedTrace } from '../support/trace/generatedTrace.ts';

const requestId = 'r1';
const openPanel = usePanels();
const finished = generatedTrace();
const running = generatedTrace({ isUnfinished: true });

describe('a finished trace', () => {
  it('shows question, answer, candidates with their states, votes, decisions and where tokens went', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('Janet’s ducks');
    expect(await page.getByRole('status').textContent()).toBe('Answered');
    expect(await page.getByRole('region', { name: 'Answer' }).textContent()).toContain('18');
    const options = page.getByRole('listbox', { name: 'Candidates' }).getByRole('option');
    const names = await options.evaluateAll((all) =>
      all.map((option) => option.getAttribute('aria-label') ?? ''),
    );
    expect(names.map((name) => name.split(', ').slice(0, 2).join(' '))).toEqual([
      'Candidate 1 won',
      'Candidate 2 won',
      'Candidate 3 truncated',
      'Candidate 4 lost',
    ]);
    expect(await page.getByRole('region', { name: 'Vote' }).getByRole('listitem').count()).toBe(2);
    expect(await page.getByRole('region', { name: 'Decisions' }).getByRole('listitem').count()).toBe(2);
    const spent = page.getByRole('region', { name: 'Tokens spent' }).getByRole('row');
    expect(await spent.count()).toBe(purposes.length);
    expect(await spent.first().textContent()).toContain('Prompt58');
    expect(await page.getByRole('region', { name: 'Difficulty' }).textContent()).toContain('uncalibrated');
    const speculation = page.getByRole('region', { name: 'Speculation' });
    expect(await speculation.textContent()).toContain('5.0 tokens each');
    expect(await speculation.textContent()).toContain('41 of 60 accepted');
    expect(await speculation.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  });

  it('shows what judged the candidates: tests with their output, a checklist, and a vote that was none', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const test = { type: 'verification/finished', command: 'npm test', durationMs: 1234 } as const;
    const parsing = { type: 'code/parsed', languageId: 'python', durationMs: 3 } as const;
    const judges: readonly SearchEvent[] = [
      { ...parsing, candidateId: 0, errorCount: 0, firstError: null },
      { ...parsing, candidateId: 1, errorCount: 2, firstError: { line: 3, column: 14 } },
      {
        ...test,
        candidateId: 0,
        outcome: 'failed',
        exitCode: 1,
        output: '<b>2 + 3 = -1</b>',
        confinement: { kind: 'bubblewrap' },
      },
      {
        ...test,
        candidateId: 1,
        outcome: 'outputExceeded',
        exitCode: null,
        output: '',
        confinement: { kind: 'none', why: 'bubblewrap is not installed. Install it.' },
      },
      { type: 'judgement/made', checklist: ['All ducks are counted'], tokenCount: 9 },
      {
        type: 'decision/made',
        kind: 'noAgreement',
        candidateId: null,
        why: 'No two of the 2 answers agree.',
      },
    ];
    const place = finished.findIndex(({ type }) => type === 'vote/cast');
    const timeMs = finished[place]?.timeMs ?? 0;
    const events = [
      ...finished.slice(0, place),
      ...judges.map((event) => ({ ...event, timeMs })),
      ...finished.slice(place),
    ];
    await panel.send({
      type: 'trace/snapshot',
      requestId,
      events: events.map((event, seq) => ({ ...event, seq })),
    });
    const tests = page.getByRole('region', { name: 'Tests' });
    const rows = (name: string) => tests.getByRole('list', { name }).getByRole('listitem');
    expect(await rows('Tests').count()).toBe(2);
    expect(await rows('Syntax').allTextContents()).toEqual([
      expect.stringMatching(/parses$/u),
      expect.stringMatching(/2 syntax errors from line 3, column 14$/u),
    ]);
    expect(await tests.textContent()).toContain('npm test');
    expect(await tests.textContent()).toContain('failed, exit code 1');
    expect(await rows('Tests').allTextContents()).toEqual([
      expect.stringContaining(', confined'),
      expect.stringContaining('too much output, not confined'),
    ]);
    expect(await tests.textContent()).toContain('bubblewrap is not installed. Install it.');
    await tests.getByText('Output', { exact: true }).click();
    expect(await tests.getByLabel('Output for candidate 1').textContent()).toBe('<b>2 + 3 = -1</b>');
    const vote = page.getByRole('region', { name: 'Vote' });
    expect(await vote.textContent()).toContain('All ducks are counted');
    expect(await vote.textContent()).toContain('No two of the 2 answers agree.');
  });

  it('draws lanes and chart, and says in a table what the chart shows', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    for (const selector of ['.lanes-canvas', '.chart canvas']) {
      const colours = await page.locator(selector).evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        const seen = new Set<number>();
        for (let at = 0; at < data.length; at += 4) {
          seen.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
        }
        return seen.size;
      });
      expect(colours).toBeGreaterThan(8);
    }
    await page.getByText('Entropy as a table').click();
    expect(await page.getByRole('region', { name: 'Entropy' }).getByRole('row').count()).toBe(5);
  });

  it('shows text from the model as text, whatever it looks like', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const title = '<img src=x onerror="document.title=\'owned\'"> & <script>document.title="owned"</script>';
    await panel.send({ type: 'trace/snapshot', requestId, events: generatedTrace({ title }) });
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(title);
    expect(await page.locator('.panel img, .panel script, .strip b').count()).toBe(0);
    expect(await page.title()).not.toBe('owned');
  });

  it('marks cues as not generated', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    await page.locator('.strip').evaluate((strip) => {
      strip.scrollTop = strip.scrollHeight;
    });
    const cue = page.locator('.cue', { hasText: 'Final' });
    await cue.waitFor();
    expect(await cue.getAttribute('title')).toContain('not generated');
  });
});

describe('tokens', () => {
  it('tells a token’s probability, entropy and alternatives under the pointer, and follows it in the chart', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    await page.hover('[data-token="12"]');
    const tooltip = page.getByRole('tooltip');
    const text = await tooltip.textContent();
    for (const part of [
      'token 13',
      'Probability',
      'Log-probability',
      'Entropy',
      'Varentropy',
      'Margin',
      'Source',
    ]) {
      expect(text).toContain(part);
    }
    expect(await tooltip.getByRole('listitem').count()).toBeGreaterThanOrEqual(5);
    expect(await page.locator('.readout').textContent()).toContain('token 13');
    await page.mouse.move(5, 5);
    await tooltip.waitFor({ state: 'detached' });
  });

  it('are walked through by keyboard, each with its tooltip and its name for screen readers', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    const strip = page.getByRole('listbox', { name: /Tokens of candidate 1/u });
    await strip.focus();
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowLeft']) await page.keyboard.press(key);
    expect(await strip.getAttribute('aria-activedescendant')).toBe('token-2');
    const active = page.locator('#token-2');
    expect(await active.getAttribute('aria-selected')).toBe('true');
    expect(await active.getAttribute('aria-label')).toMatch(/entropy .* nats, probability/u);
    expect(await page.getByRole('tooltip').textContent()).toContain('token 3');
    await page.keyboard.press('End');
    await page.locator('#token-199').waitFor();
    expect(await page.getByRole('tooltip').textContent()).toContain('answer token 200');
    await page.keyboard.press('ArrowUp');
    expect(Number((await strip.getAttribute('aria-activedescendant'))?.slice('token-'.length))).toBeLessThan(
      199,
    );
    await page.keyboard.press('Escape');
    expect(await page.getByRole('tooltip').count()).toBe(0);
  });

  it('change with the candidate, chosen by key, by lane or from a list', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    const heading = page.getByRole('heading', { name: /Tokens of candidate/u });
    await page.getByRole('listbox', { name: 'Candidates' }).focus();
    await page.keyboard.press('ArrowDown');
    expect(await heading.textContent()).toBe('Tokens of candidate 2');
    await page.locator('#lane-2').click({ position: { x: 300, y: 20 } });
    expect(await heading.textContent()).toBe('Tokens of candidate 3');
    expect(await page.locator('.lanes-focus').count()).toBe(1);
    await page
      .getByRole('region', { name: 'Vote' })
      .getByRole('button', { name: 'Show candidate 4' })
      .click();
    expect(await heading.textContent()).toBe('Tokens of candidate 4');
  });

  it('under the pointer in the chart are the ones marked in the strip', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    const box = await page.locator('.chart .u-over').boundingBox();
    expect(box).not.toBeNull();
    if (box === null) return;
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
    const marked = page.locator('.token[data-focused]');
    await marked.first().waitFor();
    const token = Number(await marked.first().getAttribute('data-token'));
    expect(await page.locator('.readout').textContent()).toContain(`token ${token + 1}`);
  });
});

describe('while it runs', () => {
  it('steers by button and by key, and not from a text field', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: running });
    await page.getByRole('button', { name: 'Answer now' }).click();
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'Stop' }).press('Enter');
    await page.getByRole('textbox', { name: 'Question' }).fill('stat');
    await page.keyboard.press('s');
    const steered = (await panel.posted()).filter((message) => message.type === 'request/steer');
    expect(steered.map((message) => message.steer)).toEqual([
      { requestId, action: 'answerNow' },
      { requestId, action: 'thinkMore' },
      { requestId, action: 'stop' },
    ]);
  });

  it('offers no steering once it has ended', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: finished });
    expect(await page.getByRole('button', { name: 'Answer now' }).isDisabled()).toBe(true);
    await page.keyboard.press('a');
    expect((await panel.posted()).some((message) => message.type === 'request/steer')).toBe(false);
  });

  it('grows with what is appended and keeps the newest tokens in view', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: running.slice(0, 20) });
    await panel.send({ type: 'trace/append', requestId, events: running.slice(20) });
    const newest = await page.locator('#token-119').boundingBox();
    const strip = await page.locator('.strip').boundingBox();
    expect(newest?.y).toBeGreaterThan(strip?.y ?? Infinity);
    expect((newest?.y ?? Infinity) + (newest?.height ?? 0)).toBeLessThanOrEqual(
      (strip?.y ?? 0) + (strip?.height ?? 0),
    );
  });

  it('asks for what is missing and is whole again after the answer', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'trace/snapshot', requestId, events: running.slice(0, 20) });
    await panel.send({ type: 'trace/append', requestId, events: running.slice(25) });
    expect(await panel.posted()).toEqual([{ type: 'panel/ready' }, { type: 'trace/resend', requestId }]);
    await panel.send({ type: 'trace/snapshot', requestId, events: running });
    expect(await page.locator('#lane-0').getAttribute('aria-label')).toContain('120 tokens');
  });

  it('counts no event twice', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send(
      { type: 'trace/snapshot', requestId, events: running },
      { type: 'trace/append', requestId, events: running.slice(10) },
    );
    expect(await page.locator('#lane-0').getAttribute('aria-label')).toContain('120 tokens');
  });
});

it('runs under a policy that stops any script but the panel’s own', async () => {
  const panel = await openPanel();
  const { page } = panel;
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "owned"';
    document.body.append(script);
  });
  expect(await page.title()).not.toBe('owned');
  expect(panel.takeProblems().join()).toContain('Content Security Policy');
});

describe('around the trace', () => {
  it('asks for its state first, and says that nothing was asked yet', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({ type: 'traces/listed', traces: [] });
    expect(await panel.posted()).toEqual([{ type: 'panel/ready' }]);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Nothing has been asked yet');
  });

  it('asks a question by Enter, breaks its line by Shift+Enter', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const field = page.getByRole('textbox', { name: 'Question' });
    await field.fill('One');
    await field.press('Shift+Enter');
    await field.pressSequentially('two');
    await field.press('Enter');
    expect(await panel.posted()).toContainEqual({
      type: 'question/asked',
      question: 'One\ntwo',
      follows: null,
    });
  });

  it('says what the engine lacks and what to do about it', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send({
      type: 'health/changed',
      health: {
        state: 'noModel',
        error: { code: 'model.missing', message: 'No model is installed.', remedy: 'Fetch one.' },
      },
    });
    expect(await page.getByRole('alert').textContent()).toBe('No model is installed.Fetch one.');
    await page.getByRole('textbox', { name: 'Question' }).fill('Anything');
    expect(await page.getByRole('button', { name: 'Ask' }).isDisabled()).toBe(true);
  });

  it('opens and exports traces', async () => {
    const panel = await openPanel();
    const { page } = panel;
    await panel.send(
      { type: 'trace/snapshot', requestId, events: finished },
      {
        type: 'traces/listed',
        traces: [
          {
            requestId: 'older',
            startedAt: '2026-01-01T00:00:00.000Z',
            kind: 'completion',
            title: 'src/app.ts:3:1',
            path: 'older.jsonl',
            sizeBytes: 1200,
          },
        ],
      },
    );
    await page.getByRole('button', { name: 'src/app.ts:3:1' }).click();
    await page.getByRole('button', { name: 'Export' }).click();
    expect((await panel.posted()).slice(1)).toEqual([
      { type: 'trace/open', requestId: 'older' },
      { type: 'trace/export', requestId },
    ]);
  });

  it('shows why a request failed', async () => {
    const panel = await openPanel();
    const { page } = panel;
    const last = running.at(-1);
    await panel.send({
      type: 'trace/snapshot',
      requestId,
      events: [
        ...running,
        {
          type: 'request/failed',
          error: { code: 'engine.failed', message: 'The engine stopped.', remedy: 'Ask again.' },
          ledger: {
            tokens: {
              prompt: 1,
              thought: 0,
              answer: 0,
              discardedCandidate: 0,
              rejectedDraft: 0,
              verification: 0,
              trialAnswer: 0,
            },
            durationMs: 1,
          },
          seq: (last?.seq ?? -1) + 1,
          timeMs: (last?.timeMs ?? 0) + 1,
        },
      ],
    });
    expect(await page.getByRole('alert').textContent()).toContain('The engine stopped. Ask again.');
    expect(await page.getByRole('status').textContent()).toBe('Failed');
  });
});
