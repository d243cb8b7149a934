import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { selectorIds } from '../../../protocol/traceEvent.ts';
import { createSelector } from '../../../sidecar/selection/createSelector.ts';
import { anyBallots, selectFrom, shuffledBallots } from '../../support/ballots.ts';

/** Selectors that look at nothing but ballots; the others have tests of their own. */
const rules = selectorIds.filter((id) => !['checklistJudge', 'contextCheck', 'verifiedCode'].includes(id));

describe.each(rules)('%s', (id) => {
  const selector = createSelector(id);

  test('goes by its name in the log', async () => {
    await fc.assert(
      fc.asyncProperty(anyBallots, async (ballots) => {
        const { events, selection } = await selectFrom(selector, ballots);
        expect(selector.id).toBe(id);
        const votes = events.filter((event) => event.type === 'vote/cast');
        expect(votes).toHaveLength(selection === null ? 0 : 1);
        expect(votes.every((vote) => vote.selector === id)).toBe(true);
      }),
    );
  });

  test('the order of the ballots changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(shuffledBallots, async ([ballots, shuffled]) => {
        expect(await selectFrom(selector, shuffled)).toEqual(await selectFrom(selector, ballots));
      }),
    );
  });

  test('the chosen candidate is among the voters of the first tally, and no candidate votes twice', async () => {
    await fc.assert(
      fc.asyncProperty(anyBallots, async (ballots) => {
        const { selection } = await selectFrom(selector, ballots);
        if (selection === null) return;
        expect(selection.tallies[0]?.candidateIds).toContain(selection.candidateId);
        const all = selection.tallies.flatMap(({ candidateIds }) => candidateIds);
        expect(new Set(all).size).toBe(all.length);
        expect(ballots.map(({ candidateId }) => candidateId)).toEqual(expect.arrayContaining([...all]));
        for (const { weight } of selection.tallies) expect(weight).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('an answer that is chosen is one that was given', async () => {
    await fc.assert(
      fc.asyncProperty(anyBallots, async (ballots) => {
        const { selection } = await selectFrom(selector, ballots);
        const isAnswered = ballots.some(({ answer }) => answer !== null);
        if (isAnswered) expect(selection).not.toBeNull();
        // A selector that compares texts may take one without an answer.
        const chosen = ballots.find(({ candidateId }) => candidateId === selection?.candidateId);
        if (typeof chosen?.answer === 'string') expect(selection?.tallies[0]?.answer).toBe(chosen.answer);
      }),
    );
  });
});
