import path from 'node:path';
import type { AdapterRequest } from '../engine/engine.ts';
import { adapterScaleRange } from '../validation/parameterRanges.ts';
import { type adapterOptions, numberOption, type OptionValues, UsageError } from './command.ts';

/** The adapter that a command was given, as trained unless it says otherwise; null without one. Throws `UsageError`. */
export function adapterFrom(values: OptionValues<typeof adapterOptions>): AdapterRequest | null {
  const scale = numberOption(values['adapter-scale'], 'adapter-scale', adapterScaleRange);
  if (values.adapter !== undefined) return { path: path.resolve(values.adapter), scale: scale ?? 1 };
  if (scale !== undefined) throw new UsageError('--adapter-scale goes with --adapter.');
  return null;
}
