import type { StrategyId } from '../../protocol/strategyTable.ts';
import { aStar } from './aStar.ts';
import { auto } from './auto.ts';
import { chainOfThought } from './chainOfThought.ts';
import { direct } from './direct.ts';
import { hedgedBestOfN } from './hedgedBestOfN.ts';
import { refineFirstError } from './refineFirstError.ts';
import { selfConsistency } from './selfConsistency.ts';
import { stepBeam } from './stepBeam.ts';
import type { Strategy } from './strategy.ts';
import { verifyByContext } from './verifyByContext.ts';

const strategies: Readonly<Record<StrategyId, Strategy>> = {
  auto,
  direct,
  chainOfThought,
  selfConsistency,
  hedgedBestOfN,
  verifyByContext,
  stepBeam,
  aStar,
  refineFirstError,
};

/** The strategy of a name. */
export function createStrategy(id: StrategyId): Strategy {
  return strategies[id];
}
