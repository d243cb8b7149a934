import type { ClassOffer } from '../../protocol/traceEvent.ts';
import type { Wording } from '../../protocol/traceWords.ts';
import { difficultyWords } from './panelWords.ts';

/** What a button says that sets a question's class: what follows, and what that is expected to cost. Pure. */
export function offerWords(offer: ClassOffer): Wording {
  const { difficulty, strategy, candidates } = offer;
  const thoughts =
    strategy === 'direct' ? 'no thought' : candidates === 1 ? 'one thought' : `up to ${candidates} thoughts`;
  return { name: `${difficultyWords[difficulty]} · ${thoughts}${costOf(offer)}`, meaning: meaningOf(offer) };
}

/** Without a thought a model works in its answer where there is something to work out, so its figure names the questions. */
function costOf({ strategy, tokenRatio }: ClassOffer): string {
  if (tokenRatio === null) return ', cost not measured';
  return strategy === 'direct'
    ? `, ≈ ${tokenRatio.toFixed(1)}× on word problems`
    : ` ≈ ${Math.round(tokenRatio)}×`;
}

function meaningOf({ difficulty, strategy, tokenRatio }: ClassOffer): string {
  if (difficulty === 'normal') return 'The other costs are multiples of this one';
  if (tokenRatio === null) return 'Its cost was not measured for this model';
  const times = `About ${tokenRatio.toFixed(1)} times the tokens of Normal, estimated from runs on word problems`;
  return strategy === 'direct' ? `${times}, where the model works in its answer` : times;
}
