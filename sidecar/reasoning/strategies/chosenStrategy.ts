import type { Strategy } from '../context/strategy.ts';
import type { ChosenStrategy } from '../difficulty/autoTable.ts';
import { aStar } from './aStar.ts';
import { chainOfThought } from './chainOfThought.ts';
import { direct } from './direct.ts';
import { directBestOfN } from './directBestOfN.ts';
import { hedgedBestOfN } from './hedgedBestOfN.ts';
import { refineFirstError } from './refineFirstError.ts';
import { selfConsistency } from './selfConsistency.ts';
import { stepBeam } from './stepBeam.ts';
import { verifyByContext } from './verifyByContext.ts';

const strategies: Readonly<Record<ChosenStrategy, Strategy>> = {
  direct,
  chainOfThought,
  selfConsistency,
  hedgedBestOfN,
  verifyByContext,
  stepBeam,
  aStar,
  refineFirstError,
  directBestOfN,
};

/** A strategy that the user or the difficulty of a question may choose, by its name. */
export function chosenStrategy(id: ChosenStrategy): Strategy {
  return strategies[id];
}
