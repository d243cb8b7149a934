import type { SelectionRule } from './ruleSelector.ts';
import { type Vote, votesOf } from './selector.ts';
import { weightedVote } from './weightedVote.ts';

/**
 * Words by which a writer takes back some of what is said, and those by which one goes back on it. Not among them:
 * words that state a quantity, such as "about" and "approximately".
 */
const hedge =
  /\b(?:maybe|perhaps|possibly|probably|presumably|apparently|supposedly|seems?|seemingly|appears?|might|could be|may be|likely|unlikely|not (?:entirely |quite |really |so )?(?:sure|certain|clear)|unsure|uncertain|unclear|i (?:think|guess|suppose|believe|assume|suspect|doubt)|if i (?:am|'m) not mistaken|hard to say|wait|hmm+|hold on|on second thought|let me (?:re-?)?(?:check|try again|reconsider|think again))\b/giu;

const word = /[\p{L}\p{N}'’]+/gu;

/** Hedges in a text for each hundred of its words; 0 for a text without words. */
export function hedgesPerHundredWords(text: string): number {
  const words = text.match(word)?.length ?? 0;
  const hedges = text.replaceAll('’', "'").match(hedge)?.length ?? 0;
  return words === 0 ? 0 : (100 * hedges) / words;
}

/** Every vote counts 1 / (1 + h), with h the hedges per hundred words of its text. */
export const hedgeVote: SelectionRule = {
  id: 'hedgeWeighted',
  decide: (ballots) => weightedVote(votesOf(ballots), firmness),
  weightOf: firmness,
  takenWithoutAgreement: 'the least hedged',
};

function firmness({ text }: Vote): number {
  return 1 / (1 + hedgesPerHundredWords(text));
}
