import type { RunScope } from '../../request/eventChannel.ts';
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
    select: async (ballots, context, scope) => {
      const passed = await thatPass(ballots, selector, { context, scope });
      return selector.select(passed, context, scope);
    },
  };
}

async function thatPass(
  ballots: readonly Ballot[],
  { id }: Selector,
  { context, scope }: { readonly context: SelectionContext; readonly scope: RunScope },
): Promise<readonly Ballot[]> {
  const { checked, stopped } = await checkAnswers(ballots, context, scope);
  const say = (why: string): Promise<void> =>
    scope.events.push({ type: 'decision/made', kind: 'answersChecked', candidateId: null, why });
  if (stopped !== null) {
    await say(`The check of each answer was left out, because ${stopped}; ${id} decided among all.`);
    return ballots;
  }
  const wrong = checked.filter(({ share }) => share < leastSure);
  if (wrong.length === 0) {
    // One answer alone is not checked.
    if (checked.length > 0) await say(`The check held no answer for wrong, so ${id} decided among all.`);
    return ballots;
  }
  if (wrong.length === checked.length) {
    await say(`The check held every answer for wrong, so ${id} decided among all.`);
    return ballots;
  }
  const names = wrong.map(
    ({ group, share }) => `${excerptOf(group.answer)} (${(100 * share).toFixed(0)} % sure)`,
  );
  await say(`The check left out ${names.join(', ')}; ${id} decided among the others.`);
  const out = new Set(wrong.flatMap(({ group }) => voters(group)));
  return ballots.filter(({ candidateId }) => !out.has(candidateId));
}
