import type { StrategyId } from '../../../protocol/strategyTable.ts';
import type { Strategy } from '../context/strategy.ts';
import { auto } from './auto.ts';
import { chosenStrategy } from './chosenStrategy.ts';

/** The strategy of a name. */
export function createStrategy(id: StrategyId): Strategy {
  return id === 'auto' ? auto : chosenStrategy(id);
}
