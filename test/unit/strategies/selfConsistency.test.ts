import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scriptBySequence } from '../../../sidecar/engine/scripted/script.ts';
import { runScripted } from '../../support/scriptedRequest.ts';

/** Candidates of these lengths in words, each with its answer. */
const anyCandidates = fc.array(fc.tuple(fc.nat(12), fc.constantFrom('12', '12', '9')), {
  minLength: 2,
  maxLength: 8,
});

test('consensus prunes only candidates that were still running, and never changes the answer', async () => {
  let prunedRuns = 0;
  await fc.assert(
    fc.asyncProperty(anyCandidates, async (candidates) => {
      const script = scriptBySequence(
        candidates.map(([words, answer]) => [`${'so '.repeat(words)}done.\nFinal answer:`, ` ${answer}\n`]),
      );
      const { state, result } = await runScripted(script, {
        request: { strategy: 'selfConsistency', candidateCount: candidates.length },
      });
      const pruned = state.decisions.filter((decision) => decision.kind === 'candidatePruned');
      const ended = state.candidates.filter((candidate) => candidate.end === 'pruned');
      expect(pruned.map((decision) => decision.candidateId)).toEqual(ended.map((candidate) => candidate.id));
      const consensus = state.decisions.filter((decision) => decision.kind === 'consensusReached');
      expect(consensus).toHaveLength(pruned.length > 0 ? 1 : 0);
      if (pruned.length === 0) return;
      prunedRuns++;
      const votes = candidates.filter(([, answer]) => answer === result?.answer).length;
      expect(votes * 2).toBeGreaterThan(candidates.length);
    }),
    { numRuns: 200 },
  );
  expect(prunedRuns).toBeGreaterThan(0);
});
