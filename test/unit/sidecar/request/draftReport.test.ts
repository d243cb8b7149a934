import { describe, expect, test } from 'vitest';
import { type Budget, generatedTokenCount } from '../../../../protocol/budget.ts';
import type { DraftSource, SearchEvent, TraceEvent } from '../../../../protocol/traceEvent.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { fillInTheMiddle } from '../../../../sidecar/completion/fillInTheMiddle.ts';
import type { DraftCount } from '../../../../sidecar/engine/engine.ts';
import { type Script, scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import { BudgetMeter } from '../../../../sidecar/request/budgetMeter.ts';
import { Steering } from '../../../../sidecar/request/steering.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { runScripted, scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { CollectedEvents } from '../../../support/trace/collectedEvents.ts';

const drafted = (
  draftedTokenCount: number,
  acceptedTokenCount: number,
  source: DraftSource = 'trie',
): DraftCount => ({ source, draftCount: 1, draftedTokenCount, acceptedTokenCount });

const isMeasured = ({ type }: Pick<SearchEvent | TraceEvent, 'type'>) => type === 'speculation/measured';

describe('drafts of a question', () => {
  const script = scriptBySequence([['It is 12.\nFinal answer:', ' 12\n']]);
  const request = { strategy: 'chainOfThought' } as const;

  test('are reported for each generation and source that drafted, and booked where rejected', async () => {
    const counts = [[drafted(10, 7), drafted(6, 1, 'draftModel')], [drafted(4, 4)]];
    const { events, state } = await runScripted(script, {
      request,
      engine: { drafts: ({ call }) => counts[call] ?? [] },
    });
    expect(events.filter(isMeasured)).toMatchObject(counts.flat());
    expect(state.ledger.tokens.rejectedDraft).toBe(8);
    expect(generatedTokenCount(state.ledger)).toBe(
      state.candidates.reduce((sum, { tokenCount }) => sum + tokenCount, 0),
    );
  });

  test('are not mentioned where nothing was drafted', async () => {
    const { events, state } = await runScripted(script, { request });
    expect(events.filter(isMeasured)).toEqual([]);
    expect(state.ledger.tokens.rejectedDraft).toBe(0);
  });

  test('take nothing from a budget of generated tokens', async () => {
    const { state } = await runScripted(script, {
      request: { ...request, budget: { generatedTokens: 20 } },
      engine: { drafts: () => [drafted(500, 0)] },
    });
    expect(state.status).toMatchObject({ type: 'finished', reason: 'answered' });
    expect(state.ledger.tokens.rejectedDraft).toBe(1000);
  });
});

describe('drafts of a text that judges', () => {
  const play: Script = ({ sequence, call, request }) => {
    const { grammar, choices } = request;
    if (choices !== undefined) return choices[0] ?? '';
    if (grammar !== undefined) return verdict;
    return call === 0 ? 'It is so.\nFinal answer:' : ` ${sequence}\n`;
  };
  const verdict = '{"checklist": ["Four legs", "Three cats"], "scores": [1, 2]}';

  test.each([
    ['a check of each answer', { strategy: 'verifyByContext' }, 2],
    ['a check before another selector', { strategy: 'verifyByContext', selector: 'majority' }, 2],
    ['a judge', { strategy: 'selfConsistency', selector: 'checklistJudge' }, 1],
    ['a critic', { strategy: 'refineFirstError' }, 1],
  ] as const)('are reported and booked: %s', async (_, request, texts) => {
    const { events, state } = await runScripted(play, {
      request: { ...request, candidateCount: 2 },
      engine: {
        drafts: ({ request: { grammar, choices } }) =>
          grammar === undefined && choices === undefined ? [] : [drafted(5, 2)],
      },
    });
    expect(events.filter(isMeasured)).toMatchObject(Array.from({ length: texts }, () => drafted(5, 2)));
    expect(state.ledger.tokens.rejectedDraft).toBe(3 * texts);
  });
});

test('drafts of a completion are reported and booked for each of its candidates', async () => {
  const budget: Budget = {
    thoughtTokensPerCandidate: 0,
    answerTokensPerCandidate: 16,
    generatedTokens: null,
    durationMs: null,
  };
  const model = await scriptedModel(() => 'total', {
    drafts: ({ sequence }) => [sequence === 0 ? drafted(8, 5) : drafted(6, 0)],
  });
  const meter = new BudgetMeter(budget, () => 0);
  const events = new CollectedEvents();
  await fillInTheMiddle(
    {
      model,
      promptTokens: await model.tokenize('return ', { special: false }),
      sequenceOptions: { priority: 'interactive' },
      meter,
      steering: new Steering(),
      candidateCount: 2,
      seed: 1,
      place: placeAt('return |'),
    },
    { events, signal: unhurried },
  );
  expect(events.all.filter(isMeasured)).toMatchObject([drafted(8, 5), drafted(6, 0)]);
  expect(meter.getState().tokens.rejectedDraft).toBe(9);
});
