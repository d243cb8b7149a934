import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { selectorTable } from '../../../../../protocol/selectorTable.ts';
import { createSelector } from '../../../../../sidecar/reasoning/selection/createSelector.ts';
import { type Ballot, votesOf } from '../../../../../sidecar/reasoning/selection/selector.ts';
import { shippedParser } from '../../../../support/machine/shippedGrammars.ts';
import { anyBallots, ballotsOf, selectFrom, shuffled } from '../../../../support/trace/ballots.ts';

/** Selectors that look at nothing but ballots; those that ask a model have tests of their own. */
const rules = selectorTable.filter(({ needs }) => needs === 'candidates').map(({ id }) => id);

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
      fc.asyncProperty(shuffled(anyBallots), async ([ballots, others]) => {
        expect(await selectFrom(selector, others)).toEqual(await selectFrom(selector, ballots));
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

/** The text that has most in common with the others needs no answer, and so no two that agree. */
const votes = rules.filter((id) => id !== 'minimumRisk');

test.each(votes)('%s says so where no two of several answers agree, and only there', async (id) => {
  await fc.assert(
    fc.asyncProperty(anyBallots, async (ballots) => {
      const { events } = await selectFrom(createSelector(id), ballots);
      const answers = votesOf(ballots).map(({ answer }) => answer);
      const isApart = answers.length > 1 && new Set(answers).size === answers.length;
      const said = events.filter((event) => event.type === 'decision/made' && event.kind === 'noAgreement');
      expect(said).toHaveLength(isApart ? 1 : 0);
    }),
  );
});

describe('verifiedCode', () => {
  const selector = createSelector('verifiedCode');
  const whole = ['def f(x):\n    return x', 'def f(x):\n    return 2 * x', 'f = lambda x: x'];
  const broken = ['def f(x:\n    return x', 'return (2 * x'];
  const anyCode = fc
    .array(fc.constantFrom(...whole, ...broken, null), { maxLength: 7 })
    .map((codes) => ballotsOf(codes.map((code) => ({ text: code === null ? 'So.' : fencedCode(code) }))));
  /** Without what differs from run to run. */
  const decided = async (ballots: readonly Ballot[]) => {
    const { events, selection } = await selectFrom(selector, ballots, shippedParser);
    return { events: events.map((event) => ({ ...event, durationMs: 0 })), selection };
  };
  const codeOf = (ballots: readonly Ballot[], candidateId: number | undefined): string | undefined => {
    const text = ballots.find((ballot) => ballot.candidateId === candidateId)?.text;
    return [...whole, ...broken].find((code) => text === fencedCode(code));
  };

  test('the order of the ballots changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(shuffled(anyCode), async ([ballots, others]) => {
        expect(await decided(others)).toEqual(await decided(ballots));
      }),
    );
  });

  test('code that does not parse is never taken while other code parses, whatever the votes', async () => {
    await fc.assert(
      fc.asyncProperty(anyCode, async (ballots) => {
        const { selection } = await decided(ballots);
        const codes = ballots.flatMap(({ candidateId }) => codeOf(ballots, candidateId) ?? []);
        const taken = codeOf(ballots, selection?.candidateId);
        if (codes.length === 0) expect(taken).toBeUndefined();
        else expect(whole.includes(taken ?? '')).toBe(codes.some((code) => whole.includes(code)));
      }),
    );
  });

  test('among equally good code none with fewer votes is taken', async () => {
    await fc.assert(
      fc.asyncProperty(anyCode, async (ballots) => {
        const { selection } = await decided(ballots);
        const [first, ...others] = selection?.tallies ?? [];
        const rank = Math.floor(first?.weight ?? 0);
        for (const { weight, candidateIds } of others.filter((other) => Math.floor(other.weight) === rank)) {
          expect(candidateIds.length).toBeLessThanOrEqual(first?.candidateIds.length ?? 0);
          expect(weight).toBeGreaterThan(rank);
        }
      }),
    );
  });

  function fencedCode(code: string): string {
    return `So.\n\`\`\`python\n${code}\n\`\`\`\n`;
  }
});
