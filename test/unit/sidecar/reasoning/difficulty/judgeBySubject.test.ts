import { describe, expect, it } from 'vitest';
import { difficultyClasses, type DifficultyClass } from '../../../../../protocol/traceEvent.ts';
import {
  defaultProfiles,
  shippedTable,
  type AutoTable,
} from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { judgeBySubject } from '../../../../../sidecar/reasoning/difficulty/judgeBySubject.ts';
import type { PromptStyle } from '../../../../../sidecar/prompts/chatPrompt.ts';
import { defaultSettings } from '../../../../../sidecar/validation/sidecarSettings.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

const question = 'How many legs do three cats have?';
const explanation = 'What is a monad?';
const attachment = { languageId: 'python', path: 'a.py', text: 'x = 1' };
const [largest = ''] = Object.keys(shippedTable.models);

/** A probe is what the shipped rows were measured with. */
const probe = { ...entropyRule(uncalibratedThresholds), readsPromptState: true };
const judging = (
  request: { readonly question: string; readonly difficulty?: DifficultyClass; readonly isCode?: true },
  tables: readonly AutoTable[] = [shippedTable],
  modelHash = largest,
) =>
  judgeBySubject(
    {
      question: request.question,
      attachment: request.isCode ? attachment : null,
      difficulty: request.difficulty ?? null,
    },
    { estimator: probe, tables, modelHash },
  );

describe('what a class that the user sets leads to', () => {
  it('is no thought, the one thought of the model’s row, and a vote of up to eight that ends when likely settled', () => {
    for (const difficulty of difficultyClasses) {
      const { profiles } = judging({ question, difficulty });
      expect(profiles.easy).toMatchObject({ strategy: 'direct', candidates: 1 });
      expect(profiles.normal).toBe(shippedTable.models[largest]?.profiles.normal);
      expect(profiles.hard).toMatchObject({
        strategy: 'selfConsistency',
        candidates: 8,
        tokenShare: 1,
        earlyStopping: { consensus: 'likely' },
        // As the model's own row has it.
        skipPreamble: true,
      });
    }
    const unmeasured = judging({ question, difficulty: 'hard' }, [shippedTable], 'another').profiles;
    expect(unmeasured.hard.skipPreamble).toBeUndefined();
    expect(unmeasured.normal).toBe(defaultProfiles.normal);
  });

  it('is put directly from the start where it is easy', () => {
    expect(judging({ question, difficulty: 'easy' }).promptStyle).toBe('direct');
    expect(judging({ question, difficulty: 'normal' }).promptStyle).toBe('stepByStep');
  });

  it('is offered with its cost beside the one thought, where there is an estimate', () => {
    const { offers } = judging({ question });
    expect(offers.map(({ difficulty }) => difficulty)).toEqual(difficultyClasses);
    expect(offers[1]?.tokenRatio).toBe(1);
    expect(offers[0]?.tokenRatio).toBeCloseTo(1.15 / 0.7, 10);
    expect(offers[2]?.tokenRatio).toBeCloseTo((1243 * 0.58) / 154, 10);
    const [easy, , hard] = judging({ question }, [shippedTable], 'another').offers;
    expect([easy?.tokenRatio, hard?.tokenRatio]).toEqual([null, null]);
  });

  it('is nothing where code is attached or asked for, so that nothing is offered', () => {
    const code = judging({ question, isCode: true, difficulty: 'hard' });
    expect(code.offers).toEqual([]);
    expect(code.profiles.hard).toEqual(code.profiles.easy);
    expect(judging({ question: 'Write a Python function that doubles a number.' }).offers).toEqual([]);
  });
});

describe('whether judged classes differ', () => {
  it('is no for all that ships', () => {
    for (const hash of [...Object.keys(shippedTable.models), 'another'])
      expect(judging({ question }, [shippedTable], hash).isAdaptive).toBe(false);
    expect(judging({ question, isCode: true }).isAdaptive).toBe(false);
  });

  it('is yes where a table has one class that is unlike the others, whatever the user sets', () => {
    const hard = { ...defaultProfiles.hard, tokenShare: 0.5 };
    const own = { version: 1, default: { ...defaultProfiles, hard }, models: {} };
    for (const difficulty of [undefined, ...difficultyClasses]) {
      const request = { question, ...(difficulty !== undefined && { difficulty }) };
      expect(judging(request, [own], 'another').isAdaptive).toBe(true);
    }
  });
});

describe('a question that follows on another', () => {
  const turn = {
    requestId: 'r1',
    question: 'Name a colour.',
    files: [],
    style: 'direct',
    answer: 'Red.',
  } as const;
  const styleOf = async (words: string, style: PromptStyle): Promise<string | undefined> => {
    const request = { question: words, turns: [{ ...turn, style }], strategy: 'auto' } as const;
    return (await runScripted(() => 'Blue.', { request })).state.difficulty?.strategy;
  };

  it('is answered directly after a direct answer, unless it has a number to compute with', async () => {
    expect(await styleOf('How many of them are warm?', 'direct')).toBe('direct');
    expect(await styleOf('How many of 12 are warm?', 'direct')).toBe('chainOfThought');
    expect(await styleOf('How many of them are warm?', 'stepByStep')).toBe('chainOfThought');
  });
});

describe('a question that leaves nothing to compute', () => {
  const answer = 'A monad is a monoid in the category of endofunctors.';
  const asked = {
    question: explanation,
    strategy: 'auto',
    candidateCount: defaultSettings.candidates,
  } as const;

  it('is answered directly, without a probe prefix, and the trace says why', async () => {
    const { state, events, result } = await runScripted(() => answer, { request: asked });
    expect(result?.text).toBe(answer);
    expect(state.ledger.tokens.thought).toBe(0);
    expect(events.filter(({ type }) => type === 'prefill/finished')).toHaveLength(1);
    expect(state.difficulty).toMatchObject({ strategy: 'direct', source: 'nothingToCompute' });
    expect(state.decisions).toMatchObject([{ kind: 'answeredDirectly' }]);
  });

  it.each([
    { difficulty: 'normal' },
    { difficulty: 'hard' },
    { strategy: 'chainOfThought' },
    { question, strategy: 'auto' },
  ] as const)('is thought about with %o', async (changes) => {
    const { state } = await runScripted(() => 'It is 12.\nFinal answer: 12', {
      request: { ...asked, ...changes },
    });
    expect(state.ledger.tokens.thought).toBeGreaterThan(0);
    expect(state.decisions.map(({ kind }) => kind)).not.toContain('answeredDirectly');
  });
});
