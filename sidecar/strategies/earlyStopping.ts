import type { SidecarSettings } from '../../protocol/messages.ts';

/** What may end a request, or a candidate of it, before its budget does. */
export type EarlyStopping = Pick<SidecarSettings, 'consensus'>;

/** The members of the settings that decide it. */
export function earlyStoppingOf({ consensus }: SidecarSettings): EarlyStopping {
  return { consensus };
}
