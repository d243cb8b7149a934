import { assertNever } from '../../protocol/assertNever.ts';
import type { StrategyId } from '../../protocol/traceEvent.ts';
import { auto } from './auto.ts';
import { chainOfThought } from './chainOfThought.ts';
import { direct } from './direct.ts';
import { selfConsistency } from './selfConsistency.ts';
import type { Strategy } from './strategy.ts';

/** The strategy of a name. */
export function createStrategy(id: StrategyId): Strategy {
  switch (id) {
    case 'auto':
      return auto;
    case 'direct':
      return direct;
    case 'chainOfThought':
      return chainOfThought;
    case 'selfConsistency':
      return selfConsistency;
    default:
      return assertNever(id);
  }
}
