import type { ClassOffer } from '../../protocol/traceEvent.ts';
import type { Wording } from '../../protocol/traceWords.ts';
import { difficultyWords } from './panelWords.ts';

/** What a button says that sets a question's class: what follows, and what that is expected to take. Pure. */
export function offerWords(offer: ClassOffer): Wording {
  const { difficulty, strategy, candidates, tokenRatio } = offer;
  const isDirect = strategy === 'direct';
  const thoughts = isDirect
    ? 'no thought'
    : candidates === 1
      ? 'one thought'
      : `up to ${candidates} thoughts`;
  // On what has to be worked out a model without a thought works in its answer, so no figure of that says what this is for.
  const cost = tokenRatio === null || isDirect ? '' : ` ≈ ${Math.round(tokenRatio)}×`;
  return { name: `${difficultyWords[difficulty]} · ${thoughts}${cost}`, meaning: meaningOf(offer) };
}

function meaningOf({ difficulty, strategy, tokenRatio }: ClassOffer): string {
  if (difficulty === 'normal') return 'What other costs are given beside';
  if (tokenRatio === null) return 'What it takes was not measured for this model';
  const times = `${tokenRatio.toFixed(1)} times the tokens of Normal, as measured on word problems`;
  return strategy === 'direct' ? `${times}, where the model then works in its answer; less on others` : times;
}
