import type { ThinkingForm, ThinkingFormat } from '../../../protocol/thinking.ts';
import { thinkingTable } from '../../../protocol/thinkingTable.ts';
import type { ScriptedEngineOptions } from '../../../sidecar/engine/scripted/scriptedEngine.ts';

/** How a scripted model thinks that marks its thoughts in this form, and whose template has a switch and drops them. */
export function markedFormat(
  form: ThinkingForm = 'think',
  changes: Partial<ThinkingFormat> = {},
): ThinkingFormat {
  return {
    form,
    ...thinkingTable[form],
    switch: { kind: 'variable', name: 'enable_thinking', on: true, off: false },
    efforts: null,
    dropsEarlier: true,
    ...changes,
  };
}

/** Options of a scripted engine whose model thinks so. */
export function markedEngine(thinking = markedFormat()): ScriptedEngineOptions {
  return { capabilities: { thinking } };
}
