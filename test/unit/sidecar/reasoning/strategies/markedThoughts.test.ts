import { describe, expect, it, test } from 'vitest';
import type { ThinkingForm } from '../../../../../protocol/thinking.ts';
import { thinkingForms } from '../../../../../protocol/thinking.ts';
import type { TraceEvent } from '../../../../../protocol/traceEvent.ts';
import type { TraceState } from '../../../../../protocol/traceState.ts';
import { writtenText } from '../../../../../protocol/writtenText.ts';
import type { ScriptedPart } from '../../../../../sidecar/engine/scripted/script.ts';
import type { Turn } from '../../../../../sidecar/prompts/chatPrompt.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { markedEngine, markedFormat } from '../../../../support/engine/markedModel.ts';
import {
  type FlatRequest,
  runScripted,
  type ScriptedOutcome,
} from '../../../../support/engine/scriptedRequest.ts';

interface Played extends ScriptedOutcome {
  /** What each generation was written after. */
  readonly before: readonly string[];
}

/** Runs one thought of a model that marks it; each part is what one generation writes. */
async function think(
  parts: readonly ScriptedPart[],
  request: FlatRequest = {},
  {
    format = markedFormat(),
    steering = new Steering(),
    onEvent,
  }: {
    readonly format?: ReturnType<typeof markedFormat>;
    readonly steering?: Steering;
    readonly onEvent?: (event: TraceEvent) => void;
  } = {},
): Promise<Played> {
  const before: string[] = [];
  const outcome = await runScripted(
    ({ text }) => {
      before.push(text);
      return parts[before.length - 1] ?? '';
    },
    {
      request: { strategy: 'chainOfThought', ...request },
      engine: markedEngine(format),
      dependencies: { steering },
      ...(onEvent !== undefined && { onEvent }),
    },
  );
  return { ...outcome, before };
}

/** Thought and answer of the first candidate, as the log has them. */
function partsOf({ candidates }: TraceState): { readonly thought: string; readonly answer: string } {
  const [first] = candidates;
  if (first === undefined) throw new Error('There is a candidate.');
  return writtenText(first, candidates);
}

const cuesOf = (events: readonly TraceEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'cue/appended' ? [event.text] : []));
const kindsOf = (events: readonly TraceEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === 'decision/made' ? [event.kind] : []));

describe('a thought with markers', () => {
  it('is told from the answer by them', async () => {
    const { state, result, events, before } = await think([
      'Three times four is 12.\n</think>',
      '\n\nThat makes 12.\nFinal answer: 12',
    ]);
    expect(before[0]).toMatch(/assistant\n<think>\n$/u);
    expect(result).toMatchObject({ answer: '12', text: 'That makes 12.\nFinal answer: 12' });
    expect(partsOf(state)).toEqual({
      thought: 'Three times four is 12.',
      answer: '\n\nThat makes 12.\nFinal answer: 12',
    });
    expect(state.started?.thinking).toBe('think');
    expect(cuesOf(events)).toEqual([]);
  });

  it('is ended by no words, and no answer is read in it', async () => {
    const { result } = await think(['Final answer: 9? No, wait.\n</think>', 'I cannot say.\nReally not.']);
    expect(result?.answer).toBeNull();
    const other = await think(['Final answer: 9? No.\n</think>', 'Final answer: 12']);
    expect(other.result?.answer).toBe('12');
  });

  it('may be empty', async () => {
    const { state, result } = await think(['</think>', 'Final answer: 12']);
    expect(result?.answer).toBe('12');
    expect(partsOf(state).thought).toBe('');
  });

  it('that the model never closes is closed at its end', async () => {
    const { state, result, events } = await think(['It is 12.', ' 12']);
    expect(cuesOf(events)).toEqual(['\n</think>\n\n', 'Final answer:']);
    expect(result).toMatchObject({ answer: '12', text: 'Final answer: 12' });
    expect(partsOf(state)).toEqual({ thought: 'It is 12.', answer: 'Final answer: 12' });
  });

  it('is closed at its cap, at the end of a sentence', async () => {
    const long = 'One two three four five six seven. Eight nine ten eleven twelve and so on without end';
    const { state, result, events } = await think([long, ' 12'], {
      budget: { thoughtTokensPerCandidate: 8 },
    });
    expect(kindsOf(events)).toContain('thoughtClosedAtCap');
    expect(partsOf(state).thought).toMatch(/seven\.$/u);
    expect(result?.answer).toBe('12');
  });

  it('goes on where the model opens it again, and the last answer counts', async () => {
    const { state, result } = await think([
      'It is 9.\n</think>',
      'It is 9.\n<think>',
      'No, it is 12.\n</think>',
      'Final answer: 12',
    ]);
    expect(result).toMatchObject({ answer: '12', text: 'Final answer: 12' });
    expect(partsOf(state).answer).toBe('Final answer: 12');
    expect(state.ledger.tokens.thought).toBeGreaterThan(0);
  });

  it('is not opened again without a budget for it, and the answer still ends', async () => {
    const { result, state } = await think(
      ['One two three four</think>', 'It is 9.\n<think>', ' no.\nFinal answer: 12'],
      { budget: { thoughtTokensPerCandidate: 4 } },
    );
    expect(result?.answer).toBe('12');
    expect(state.candidates[0]?.end).toBe('finished');
  });

  it.each([
    ["See:\n```python\nprint('</think>')", '\n```\nIt is 12.\n</think>'],
    ['The tag `</think>`', ' ends a thought. It is 12.\n</think>'],
  ])('is not closed by a marker in code: %s', async (code, rest) => {
    const { state, result } = await think([code, rest, 'Final answer: 12']);
    expect(result?.answer).toBe('12');
    expect(partsOf(state).thought).toContain(code);
    expect(partsOf(state).thought).toContain('It is 12.');
  });

  it('holds no program that counts', async () => {
    const question = 'Write a Python function that adds two numbers.';
    const { result } = await think(['Say:\n```python\nx = 1\n```\n</think>', '```python\nx = 2\n```'], {
      question,
      strategy: 'chainOfThought',
    });
    expect(result?.answer).toBe('x = 2');
    expect(result?.text).not.toContain('x = 1');
  });

  test.each(thinkingForms)('of the form %s is told from its answer', async (form: ThinkingForm) => {
    const format = markedFormat(form);
    const { state, result, before } = await think(
      [[...'It is 12.'.split(/(?= )/u), format.closing], 'Final answer: 12'],
      {},
      { format },
    );
    expect(before[0]?.endsWith(format.open)).toBe(true);
    expect(result).toMatchObject({ answer: '12', text: 'Final answer: 12' });
    expect(partsOf(state).thought.trim()).toBe('It is 12.');
  });
});

describe('a request', () => {
  it('may leave the thought out: then it is in words', async () => {
    const { state, result, before } = await think(['It is 12.\nFinal answer:', ' 12'], { think: 'off' });
    expect(before[0]).toMatch(/<think>\n\n<\/think>\n\n$/u);
    expect(result).toMatchObject({ answer: '12', text: 'It is 12.\nFinal answer: 12' });
    expect(state.started?.thinking).toBeUndefined();
  });

  it('has none for a direct answer, unless it is asked for', async () => {
    const direct = await think(['It is 12.'], { strategy: 'direct' });
    expect(direct.before[0]).toMatch(/<\/think>\n\n$/u);
    const thinking = await think(['Three fours.\n</think>', 'It is 12.'], {
      strategy: 'direct',
      think: 'on',
    });
    expect(thinking.before[0]).toMatch(/<think>\n$/u);
    expect(thinking.state.budget?.thoughtTokensPerCandidate).toBe(64);
    expect(thinking.result?.text).toBe('It is 12.');
  });

  it('may have the model think less, by a share of its budget where the template takes no level', async () => {
    const less = await think(['</think>', 'Final answer: 12'], { think: 'low' });
    expect(less.state.budget?.thoughtTokensPerCandidate).toBe(16);
    const own = await think(['</think>', 'Final answer: 12'], {
      think: 'low',
      budget: { thoughtTokensPerCandidate: 40 },
    });
    expect(own.state.budget?.thoughtTokensPerCandidate).toBe(40);
  });

  it('changes nothing for a model without a thinking mode', async () => {
    const run = (think: FlatRequest['think']) =>
      runScripted(() => 'It is 12.', { request: { strategy: 'direct', think } });
    const [asked, usual] = [await run('on'), await run(null)];
    expect(asked.result).toEqual(usual.result);
    expect(asked.state.started).toEqual(usual.state.started);
  });
});

describe('a level of thought that a class of difficulty has', () => {
  const profile = {
    strategy: 'chainOfThought',
    candidates: 1,
    temperature: 0,
    tokenShare: 1,
    think: 'low',
  } as const;
  const everyClass = { easy: profile, normal: profile, hard: profile };
  const tables = [{ version: 1, default: everyClass, models: {} }] as const;
  const run = (efforts: ReturnType<typeof markedFormat>['efforts'], request: FlatRequest = {}) =>
    runScripted(({ text }) => (text.includes('</think>') ? 'Final answer: 12' : 'So 12.\n</think>'), {
      request: { strategy: 'auto', ...request },
      engine: markedEngine(markedFormat('think', { efforts })),
      dependencies: { tables },
    });
  const lacksOf = ({ decisions }: TraceState): readonly string[] =>
    decisions.flatMap(({ kind, why }) => (kind === 'engineLacks' ? [why] : []));

  it('is said to have no effect where the model takes no such level', async () => {
    const { state } = await run(null);
    expect(state.difficulty?.parameters?.think).toBe('on');
    expect(lacksOf(state)).toEqual([
      'The level of thought “low” has no effect, because the model takes no such level.',
    ]);
    expect(state.selected?.answer).toBe('12');
  });

  it('is passed on where it does', async () => {
    const { state } = await run({ variable: 'reasoning_effort', levels: ['low', 'high'] });
    expect(state.difficulty?.parameters?.think).toBe('low');
    expect(lacksOf(state)).toEqual([]);
  });

  it("yields to the user's, which is a share of the budget", async () => {
    const { state } = await run(null, { think: 'medium' });
    expect(state.budget?.thoughtTokensPerCandidate).toBe(32);
    expect(lacksOf(state)).toEqual([]);
  });
});

describe('the user', () => {
  it('gets the answer at once, after the closing marker', async () => {
    const steering = new Steering();
    const { result, events } = await think(
      ['One two three four five six', ' 12'],
      {},
      {
        steering,
        onEvent: ({ type }) => {
          if (type === 'tokens/appended') steering.steer('answerNow');
        },
      },
    );
    expect(kindsOf(events)).toContain('answerNow');
    expect(cuesOf(events)).toEqual(['\n</think>\n\n', 'Final answer:']);
    expect(result?.answer).toBe('12');
  });

  it('has the thought go on, in the place of its closing marker', async () => {
    const steering = new Steering();
    let isAsked = false;
    const { result, before, events } = await think(
      ['It is 9.\n</think>', 'No, 12.\n</think>', 'Final answer: 12'],
      {},
      {
        steering,
        onEvent: ({ type }) => {
          if (type !== 'tokens/appended' || isAsked) return;
          isAsked = true;
          steering.steer('thinkMore');
        },
      },
    );
    expect(cuesOf(events)).toEqual(['\nWait, ']);
    expect(before[1]).toMatch(/<think>\nIt is 9\.\n\nWait, $/u);
    expect(result?.answer).toBe('12');
  });
});

describe('a trial answer', () => {
  const sentence = `${'so '.repeat(50)}done.`;
  const parts = [sentence, ' 12\n', ' 12'];

  it('is asked for in a fork that closes the thought', async () => {
    const { before, events, result } = await think(parts, {
      maxThoughtTokens: 400,
      earlyStopping: { trialConfidence: 0.5 },
    });
    expect(before[1]).toMatch(/done\.\n<\/think>\n\nFinal answer:$/u);
    expect(kindsOf(events)).toContain('thoughtClosedByTrial');
    expect(result?.answer).toBe('12');
  });

  it('that stays the same closes a steady thought', async () => {
    const calm = sentence.split(/(?= )/u).map((text) => ({ text, entropyNats: 0.01 }));
    const { events, before } = await think([calm, ' 12\n', calm, ' 12\n', ' 12'], {
      maxThoughtTokens: 400,
      earlyStopping: { steadyAnswers: true },
    });
    expect(kindsOf(events)).toContain('thoughtClosedSteady');
    expect(before[3]).toMatch(/<\/think>\n\nFinal answer:$/u);
  });
});

describe('an earlier thought', () => {
  const turn: Turn = {
    requestId: 'r0',
    question: 'First?',
    files: [],
    style: 'stepByStep',
    thinks: true,
    thought: 'FORMER',
    answer: 'One.',
  };

  it.each([
    [true, false],
    [false, true],
  ])('where the template drops them: %s, is in the prompt: %s', async (dropsEarlier, isKept) => {
    const format = markedFormat('think', { dropsEarlier });
    const { before } = await think(['</think>', 'Final answer: 12'], { turns: [turn] }, { format });
    expect(before[0]?.includes('FORMER')).toBe(isKept);
    expect(before[0]).toContain('One.');
  });
});
