import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import { excerptOf } from '../answers/excerpt.ts';
import { voters } from './answerGroups.ts';
import { checkAnswers } from './contextCheck.ts';
import type { Ballot, SelectionContext, Selector } from './selector.ts';

/** An answer of which the model is less sure than this is held for wrong: the likelier of both words was "no". */
const leastSure = 0.5;

/**
 * Lets a selector decide among the answers that pass a check against question and context (see `contextCheck`). Among all
 * where none passes or a check breaks off. The log says what came out. Candidates without an answer are not checked and stay.
 */
export function checkedFirst(selector: Selector): Selector {
  return {
    id: selector.id,
    isDecided: () => false,
    select: async function* (ballots, context, signal) {
      const passed = yield* thatPass(ballots, selector, { context, signal });
      return yield* selector.select(passed, context, signal);
    },
  };
}

async function* thatPass(
  ballots: readonly Ballot[],
  { id }: Selector,
  { context, signal }: { readonly context: SelectionContext; readonly signal: AbortSignal },
): AsyncGenerator<SearchEvent, readonly Ballot[], void> {
  const { checked, stopped } = yield* checkAnswers(ballots, context, signal);
  const said = (why: string): SearchEvent => {
    return { type: 'decision/made', kind: 'answersChecked', candidateId: null, why };
  };
  if (stopped !== null) {
    yield said(`The check of each answer was left out, because ${stopped}; ${id} decided among all.`);
    return ballots;
  }
  const wrong = checked.filter(({ share }) => share < leastSure);
  if (wrong.length === 0) {
    // One answer alone is not checked.
    if (checked.length > 0) yield said(`The check held no answer for wrong, so ${id} decided among all.`);
    return ballots;
  }
  if (wrong.length === checked.length) {
    yield said(`The check held every answer for wrong, so ${id} decided among all.`);
    return ballots;
  }
  const names = wrong.map(
    ({ party, share }) => `${excerptOf(party.answer)} (${(100 * share).toFixed(0)} % sure)`,
  );
  yield said(`The check left out ${names.join(', ')}; ${id} decided among the others.`);
  const out = new Set(wrong.flatMap(({ party }) => voters(party)));
  return ballots.filter(({ candidateId }) => !out.has(candidateId));
}
