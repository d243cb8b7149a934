import type { SelectorId } from '../../../protocol/traceEvent.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import type { Strategy } from '../context/strategy.ts';
import { createSelector } from '../selection/createSelector.ts';
import type { Selector } from '../selection/selector.ts';

/** What decides among a strategy's candidates: what was chosen, else its own selector, else that of the settings. */
export function selectorOf(
  { selector = defaultSettings.selector }: Pick<Strategy, 'selector'>,
  chosen: SelectorId | undefined,
): Selector {
  return createSelector(chosen ?? selector);
}
