import { resolve } from 'node:path';
import { numberOption } from '../../../sidecar/cli/command.ts';

/** What the edits suite is to answer. It shares its options with the reasoning suite. */
export interface EditOptions {
  /** Cases at most; `Infinity` for all. */
  readonly limit: number;
  /** Cases passed over before `limit` counts. */
  readonly from: number;
  readonly rawFolder: string;
}

/** All cases unless a limit is given. Throws `UsageError` for what makes no sense. */
export function editOptions(
  values: { readonly limit?: string; readonly from?: string; readonly raw?: string },
  rawFolder: string,
): EditOptions {
  const limit = numberOption(values.limit, 'limit', { min: 0, max: 1e6, whole: true }) ?? 0;
  return {
    limit: limit === 0 ? Infinity : limit,
    from: numberOption(values.from, 'from', { min: 0, max: 1e6, whole: true }) ?? 0,
    rawFolder: resolve(values.raw ?? rawFolder),
  };
}
