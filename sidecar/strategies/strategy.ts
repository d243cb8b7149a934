import type { SamplerSettings, SearchEvent, StopReason, StrategyId } from '../../protocol/traceEvent.ts';
import type { Model, TokenId } from '../engine/engine.ts';
import type { BudgetMeter } from './budgetMeter.ts';
import type { Steering } from './steering.ts';

/**
 * Explores candidates for one request. Its events are its only output and `context.meter` its only purse, so
 * whatever it does can be shown, replayed and accounted for. Returns why it stopped; cancellation is a reason.
 */
export interface Strategy {
  readonly id: StrategyId;
  run(context: StrategyContext, signal: AbortSignal): AsyncGenerator<SearchEvent, StopReason, void>;
}

export interface StrategyContext {
  readonly model: Model;
  /** The rendered prompt, ending where the assistant's turn begins. */
  readonly promptTokens: readonly TokenId[];
  readonly candidateCount: number;
  readonly sampler: SamplerSettings;
  readonly seed: number;
  readonly meter: BudgetMeter;
  readonly steering: Steering;
}
