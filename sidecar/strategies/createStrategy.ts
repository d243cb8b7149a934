import type { StrategyId } from '../../protocol/strategyTable.ts';
import { auto } from './auto.ts';
import { chosenStrategy } from './chosenStrategy.ts';
import type { Strategy } from './strategy.ts';

/** The strategy of a name. */
export function createStrategy(id: StrategyId): Strategy {
  return id === 'auto' ? auto : chosenStrategy(id);
}
