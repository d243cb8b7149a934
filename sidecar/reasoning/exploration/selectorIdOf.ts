import type { SelectorId } from '../../../protocol/traceEvent.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import type { Strategy } from '../context/strategy.ts';

/** What decides among a strategy's candidates where nothing was chosen: its own selector, else that of the settings. */
export function selectorIdOf({
  selector = defaultSettings.selector,
}: Pick<Strategy, 'selector'>): SelectorId {
  return selector;
}
