import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import { strategyIds } from '../../../../../protocol/strategyTable.ts';
import { thinkChoices } from '../../../../../protocol/thinking.ts';
import { thinkingTable } from '../../../../../protocol/thinkingTable.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import { philox } from '../../../../../sidecar/numeric/random.ts';
import { type SteerAction, Steering } from '../../../../../sidecar/request/steering.ts';
import { markedEngine, markedFormat } from '../../../../support/engine/markedModel.ts';
import {
  type FlatRequest,
  runScripted,
  type ScriptedOutcome,
  scriptedQuestion,
} from '../../../../support/engine/scriptedRequest.ts';

const forms = ['think', 'harmony', 'mistralThink'] as const;
type Form = (typeof forms)[number];

/** What a model that thinks may write, its markers where they belong and where they do not. */
function wordsOf(form: Form): readonly string[] {
  const { open, close } = thinkingTable[form];
  return [
    ' so',
    ' it is',
    '.',
    '\n',
    ' 12',
    '\nFinal answer:',
    ' = 9',
    '\n```\n',
    '`',
    close,
    close,
    open.trimEnd(),
  ];
}

/** A model that babbles by the request's seed, and every other time closes its thought and answers. */
const babble =
  (form: Form): Script =>
  ({ sequence, call, text, request }) => {
    const { open, close } = thinkingTable[form];
    const draw = (index: number): number => philox([sequence, call, index, 0], [request.seed, 9])[0];
    if (request.grammar !== undefined) return '0';
    if (draw(60) % 2 === 0) {
      const isOpen = text.lastIndexOf(open.trimEnd()) > text.lastIndexOf(close);
      if (isOpen) return [' so', '.', '\n', close];
      return text.endsWith('Final answer:')
        ? [` ${draw(1) % 3}`, '\n']
        : ['Final answer:', ` ${draw(1) % 3}`, '\n'];
    }
    const words = wordsOf(form);
    return Array.from({ length: draw(0) % 50 }, (_, index) => ({
      text: words[draw(index + 1) % words.length] ?? ' ',
      entropyNats: (draw(index + 1) % 100) / 100,
    }));
  };

interface Case {
  readonly form: Form;
  readonly request: FlatRequest;
  readonly contextTokens: number;
  readonly steps: ReadonlyMap<number, SteerAction>;
}

const scarceOr = (enough: number, scarce: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof(scarce, fc.constant(enough));

const anyCase: fc.Arbitrary<Case> = fc.record({
  form: fc.constantFrom(...forms),
  request: fc.record({
    question: fc.constantFrom(scriptedQuestion, 'Write a Python function that adds two numbers.'),
    strategy: fc.constantFrom(...strategyIds),
    think: fc.constantFrom(...thinkChoices),
    candidateCount: fc.integer({ min: 1, max: 4 }),
    maxThoughtTokens: scarceOr(80, fc.nat(80)),
    seed: fc.nat(1_000_000),
    budget: fc.record(
      {
        generatedTokens: fc.option(scarceOr(2000, fc.nat(120))),
        answerTokensPerCandidate: scarceOr(256, fc.nat(40)),
      },
      { requiredKeys: [] },
    ),
    earlyStopping: fc.record({
      trialConfidence: fc.constantFrom(0, 0.5),
      steadyAnswers: fc.boolean(),
    }),
    difficulty: fc.constantFrom(null, 'easy' as const, 'hard' as const),
  }),
  contextTokens: scarceOr(4096, fc.integer({ min: 100, max: 800 })),
  steps: fc
    .array(
      fc.tuple(fc.nat(40), fc.constantFrom('answerNow' as const, 'thinkMore' as const, 'stop' as const)),
      {
        maxLength: 2,
      },
    )
    .map((steps) => new Map(steps)),
});

async function play({ form, request, contextTokens, steps }: Case): Promise<ScriptedOutcome> {
  const steering = new Steering();
  return runScripted(babble(form), {
    request,
    engine: { ...markedEngine(markedFormat(form)), contextTokens },
    dependencies: { steering },
    onEvent: ({ seq }) => {
      const step = steps.get(seq);
      if (step !== undefined) steering.steer(step);
    },
  });
}

describe('with a model that marks its thoughts, whatever it writes and a user does', () => {
  test('every request ends once, within its budgets, and its ledger adds up', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        const { events, state } = await play(given);
        const closings = events.filter((e) => e.type === 'request/finished' || e.type === 'request/failed');
        expect(closings).toEqual([events.at(-1)]);
        const { budget, ledger } = state;
        if (budget === null) throw new Error('A request has a budget.');
        expect(generatedTokenCount(ledger)).toBeLessThanOrEqual(budget.generatedTokens ?? Infinity);
        for (const { segments } of state.candidates) {
          const spent = { thought: 0, answer: 0 };
          for (const s of segments) if (s.type === 'generated') spent[s.purpose] += s.to - s.from;
          const mayThinkMore = [...given.steps.values()].includes('thinkMore');
          if (!mayThinkMore) expect(spent.thought).toBeLessThanOrEqual(budget.thoughtTokensPerCandidate);
          expect(spent.answer).toBeLessThanOrEqual(budget.answerTokensPerCandidate);
        }
        const written = state.candidates.reduce((sum, candidate) => sum + candidate.tokenCount, 0);
        const { verification, trialAnswer } = ledger.tokens;
        expect(generatedTokenCount(ledger) - verification - trialAnswer).toBe(written);
      }),
      { numRuns: 300 },
    );
  });

  test('the same request and seed give the same log', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (given) => {
        expect((await play(given)).events).toEqual((await play(given)).events);
      }),
      { numRuns: 60 },
    );
  });

  test.each(strategyIds)('%s answers with what comes after a thought', async (strategy) => {
    const closing: Script = ({ text, request }) => {
      if (request.grammar !== undefined) return '0';
      const isOpen = text.lastIndexOf('<think>') > text.lastIndexOf('</think>');
      if (isOpen) return 'Four and four and four.\nFinal answer: 9\n</think>';
      if (text.endsWith('Final answer:')) return ' 12\n';
      return text.endsWith('So it is.\n') ? 'Final answer: 12\n' : 'So it is.\nFinal answer: 12\n';
    };
    const { result, state } = await runScripted(closing, {
      request: { strategy, candidateCount: 3, think: 'on' },
      engine: markedEngine(),
    });
    expect(result).toMatchObject({ answer: '12', reason: 'answered' });
    expect(result?.text).not.toContain('9');
    expect(state.ledger.tokens.thought).toBeGreaterThan(0);
  });
});
