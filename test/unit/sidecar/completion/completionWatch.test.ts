import { describe, expect, it } from 'vitest';
import type { CompletionProgress } from '../../../../protocol/messages.ts';
import type { CompletionPlace } from '../../../../sidecar/completion/completionPlace.ts';
import { CompletionWatch } from '../../../../sidecar/completion/completionWatch.ts';
import { fillInTheMiddle } from '../../../../sidecar/completion/fillInTheMiddle.ts';
import { finishCompletion } from '../../../../sidecar/completion/finishCompletion.ts';
import { BudgetMeter } from '../../../../sidecar/request/budgetMeter.ts';
import { Steering } from '../../../../sidecar/request/steering.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';
import { CollectedEvents } from '../../../support/trace/collectedEvents.ts';

interface Completed {
  readonly progress: readonly CompletionProgress[];
  readonly lines: readonly string[];
  readonly text: string;
  readonly events: CollectedEvents;
}

/** Completes with what a script writes; each decode takes `decodeMs`. */
async function complete(
  place: CompletionPlace,
  written: string,
  {
    decodeMs = 1,
    timeLimitMs = null,
    isOffered = true,
  }: {
    readonly decodeMs?: number;
    readonly timeLimitMs?: number | null;
    readonly isOffered?: boolean;
  } = {},
): Promise<Completed> {
  const clock = new ManualClock();
  const model = await scriptedModel(() => written, {
    onDecode: () => {
      clock.advance(decodeMs);
    },
  });
  const budget = {
    thoughtTokensPerCandidate: 0,
    answerTokensPerCandidate: 400,
    generatedTokens: null,
    durationMs: timeLimitMs,
  };
  const events = new CollectedEvents();
  const progress: CompletionProgress[] = [];
  const watch = new CompletionWatch(place, {
    report: (batch) => progress.push(...batch),
    isOffered: () => isOffered,
  });
  await fillInTheMiddle(
    {
      model,
      promptTokens: await model.tokenize('prompt', { special: false }),
      sequenceOptions: { priority: 'interactive' },
      meter: new BudgetMeter(budget, () => clock.now()),
      steering: new Steering(),
      candidateCount: 1,
      seed: 1,
      place,
    },
    { events: watch.watching(events), signal: unhurried },
  );
  const selected = events.all.find((event) => event.type === 'answer/selected');
  return {
    progress,
    lines: progress.flatMap((part) => (part.type === 'lines' ? [part.item.text] : [])),
    text: selected?.type === 'answer/selected' ? selected.text : '',
    events,
  };
}

const block = placeAt('function run() {\n  |\n}\n', { languageId: 'javascript' });

describe('progress of a completion', () => {
  it('has each line as soon as it has ended, and each begins with the one before', async () => {
    const { lines, text } = await complete(block, 'first();\n  second();\n  third();\n}\n');
    expect(lines).toEqual(['first();', 'first();\n  second();', 'first();\n  second();\n  third();']);
    expect(text).toBe(lines.at(-1));
  });

  it('comes before what follows the line is written', async () => {
    const { progress } = await complete(block, 'first();\n  second();\n  third();\n}\n');
    const shownAt = progress.findIndex((part) => part.type === 'lines');
    const writtenBefore = progress[shownAt - 1];
    expect(writtenBefore?.type === 'written' && writtenBefore.text).toMatch(/^first\(\);\n/);
    expect(writtenBefore?.type === 'written' && writtenBefore.text).not.toContain('second');
  });

  it('says what was written so far, from the cursor on', async () => {
    const { progress } = await complete(
      placeAt('const a = co|', { languageId: 'javascript' }),
      ' count + 1;\n',
    );
    const written = progress.flatMap((part) => (part.type === 'written' ? [part.text] : []));
    expect(written.length).toBeGreaterThan(3);
    for (const text of written) expect('unt + 1;\n'.startsWith(text)).toBe(true);
  });

  it('leaves out a line that would not be offered, or that repeats what follows', async () => {
    expect((await complete(block, 'first();\n  second();\n}\n', { isOffered: false })).lines).toEqual([]);
    const repeated = placeAt('run(|);\nstop();\n', { languageId: 'javascript' });
    expect((await complete(repeated, ');\nstop();\n')).lines).toEqual([]);
  });

  it.each([
    ['a line', 'first();\n  again();\n  again();\n  again();\n  again();\n'],
    ['two lines', 'first();\n  a();\n  b();\n  a();\n  b();\n  a();\n  b();\n'],
    ['three lines', 'a();\n  b();\n  c();\n  a();\n  b();\n  c();\n  a();\n  b();\n  c();\n'],
  ])('has nothing of %s again and again but the first time', async (_what, written) => {
    const { lines } = await complete(block, written);
    const whole = finishCompletion(block.cursor.regenerated + written, block, { wasTruncated: true });
    expect(whole.type === 'text' ? whole.text : null).toBe(lines.at(-1));
    expect(lines.length).toBeGreaterThan(1);
  });

  it('has a line that was there before once another follows', async () => {
    const { lines } = await complete(block, 'first();\n  next();\n  first();\n  last();\n}\n');
    expect(lines.map((text) => text.split('\n').length)).toEqual([1, 2, 4]);
  });

  it('finishes a line by the same rules as the whole', async () => {
    const place = placeAt('log(|);\r\n', { languageId: 'javascript' });
    const { lines } = await complete(place, 'a, b);\nmore();\n');
    const whole = finishCompletion('(a, b);\n', place, { wasTruncated: true });
    expect(lines).toEqual(whole.type === 'text' ? [whole.text] : []);
    expect(lines).toEqual(['a, b);']);
  });
});

describe('the time limit of a completion', () => {
  const written = `first();\n  more();\n  last(${'word, '.repeat(100)});\n`;

  it('ends it with the last whole line', async () => {
    const { text, events } = await complete(block, written, { decodeMs: 10, timeLimitMs: 400 });
    expect(text).toBe('first();\n  more();');
    expect(events.all).toContainEqual(
      expect.objectContaining({ type: 'decision/made', kind: 'budgetExhausted' }),
    );
    expect(events.all).toContainEqual(
      expect.objectContaining({ type: 'candidate/closed', end: 'truncated' }),
    );
  });

  it('waits for the end of the first line', async () => {
    const { text } = await complete(block, 'first();\n  second();\n  third();\n}\n', {
      decodeMs: 10,
      timeLimitMs: 20,
    });
    expect(text).toBe('first();');
  });

  it('changes nothing in a completion that is quicker', async () => {
    const { text } = await complete(block, 'first();\n  second();\n}\n', { decodeMs: 1, timeLimitMs: 5000 });
    expect(text).toBe('first();\n  second();');
  });
});
