import fc from 'fast-check';
import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import type { TraceStatistics } from '../../../sidecar/numeric/traceStatistics.ts';
import type {
  Ballot,
  Selection,
  SelectionContext,
  Selector,
} from '../../../sidecar/reasoning/selection/selector.ts';
import { BudgetMeter } from '../../../sidecar/request/budgetMeter.ts';
import { Steering } from '../../../sidecar/request/steering.ts';
import type { CodeParser } from '../../../sidecar/verify/codeParser.ts';
import { scriptedModel } from '../engine/scriptedRequest.ts';
import { CollectedEvents } from './collectedEvents.ts';

const evenStatistics: TraceStatistics = {
  meanConfidence: 4,
  leastGroupConfidence: 3,
  entropyInstability: 1,
};

/** What a test says of a ballot; statistics stand beside the rest. */
export type BallotRow = Partial<Omit<Ballot, 'statistics'> & TraceStatistics>;

/** One ballot a row, by candidates 0, 1, 2 … unless the row names its own. What is left out is the same for all. */
export function ballotsOf(rows: readonly BallotRow[]): readonly Ballot[] {
  return rows.map((row, index) => {
    const { candidateId = index, answer = null, text = 'It is so.', length = 10, ...statistics } = row;
    return { candidateId, answer, text, length, statistics: { ...evenStatistics, ...statistics } };
  });
}

/** One ballot a letter. */
export function lettersOf(answers: string): readonly BallotRow[] {
  return Array.from(answers, (answer) => ({ answer }));
}

const certainty = fc.double({ min: 0, max: 12, noNaN: true });

/** Up to nine ballots of few answers, so that some agree; some have none. */
export const anyBallots: fc.Arbitrary<readonly Ballot[]> = fc
  .array(
    fc.record({
      answer: fc.constantFrom('1', '2', '3', null),
      text: fc.constantFrom(
        '',
        'so it is',
        'Perhaps it is so, I think.',
        'The sum is 12, maybe.',
        'It is 9.',
      ),
      length: fc.nat(40),
      meanConfidence: certainty,
      leastGroupConfidence: certainty,
      entropyInstability: certainty,
    }),
    { maxLength: 9 },
  )
  .map((rows) => ballotsOf(rows));

/** Ballots, and the same in another order. */
export function shuffled(
  ballots: fc.Arbitrary<readonly Ballot[]>,
): fc.Arbitrary<readonly [readonly Ballot[], readonly Ballot[]]> {
  return ballots.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length })),
  );
}

/** What a selector says and decides without a model, a test or an attachment. */
export async function selectFrom(
  selector: Selector,
  ballots: readonly Ballot[],
  codeParser: CodeParser | null = null,
): Promise<{ readonly events: readonly SearchEvent[]; readonly selection: Selection | null }> {
  const budget = {
    thoughtTokensPerCandidate: 0,
    answerTokensPerCandidate: 0,
    generatedTokens: 0,
    durationMs: null,
  };
  const context: SelectionContext = {
    question: 'How many?',
    attachment: null,
    fittedContext: { turns: [], files: [] },
    model: await scriptedModel(() => ''),
    seed: 1,
    sequenceOptions: { priority: 'background' },
    meter: new BudgetMeter(budget, () => 0),
    steering: new Steering(),
    verifier: null,
    codeParser,
  };
  const events = new CollectedEvents();
  const scope = { events, signal: new AbortController().signal };
  const selection = await selector.select(ballots, context, scope);
  return { events: events.all, selection };
}
