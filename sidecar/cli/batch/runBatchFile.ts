import type { FieldReader } from '../../validation/fieldReader.ts';
import { type OpenSidecarOptions, withSidecar } from '../openSidecar.ts';
import type { SidecarClient } from '../sidecarClient.ts';
import { readBatch, type RowId } from './batchRows.ts';
import { runBatch } from './runBatch.ts';

/** What the options of a batch come with: see `batchOptions`. */
export interface BatchFile<R extends { readonly id: RowId }> {
  readonly path: string;
  /** As `--output` has it; absent prints the rows. */
  readonly output?: string | undefined;
  readonly parallel: number;
  readonly readRow: (fields: FieldReader) => R;
  readonly runRow: (client: SidecarClient, row: R, signal: AbortSignal) => Promise<object>;
}

/** Reads the rows of a file and runs them on one sidecar. Returns and throws as `readBatch` and `runBatch` do. */
export async function runBatchFile<R extends { readonly id: RowId }>(
  { path, output, parallel, readRow, runRow }: BatchFile<R>,
  sidecar: OpenSidecarOptions,
  signal: AbortSignal,
): Promise<number> {
  const rows = await readBatch(path, readRow);
  return withSidecar(sidecar, (client) =>
    runBatch(
      {
        rows,
        outputPath: output ?? null,
        parallel,
        runRow: (row, rowSignal) => runRow(client, row, rowSignal),
      },
      sidecar.terminal,
      signal,
    ),
  );
}
