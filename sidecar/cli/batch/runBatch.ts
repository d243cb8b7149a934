import { CodedError, toCodedError } from '../../../protocol/codedError.ts';
import { counted } from '../../../protocol/counted.ts';
import type { Terminal } from '../terminal.ts';
import { BatchOutput, batchRow } from './batchOutput.ts';
import type { RowId } from './batchRows.ts';

export interface BatchPlan<R extends { readonly id: RowId }> {
  readonly rows: readonly R[];
  /** Results go there instead of to standard output, and rows it holds already are skipped. */
  readonly outputPath: string | null;
  /** Rows in flight at once; the engine decodes them as one batch. */
  readonly parallel: number;
  /** Result of a row, without its `type` and `id`. */
  readonly runRow: (row: R, signal: AbortSignal) => Promise<object>;
}

/**
 * Runs every row and writes a result as each finishes, then one object of type `result` that counts them. A row
 * that fails is reported and does not stop the others; the exit code says so. Throws what `BatchOutput.open` throws
 * before anything has run, `cancelled` when the signal aborts, and `sidecar.gone`.
 */
export async function runBatch<R extends { readonly id: RowId }>(
  plan: BatchPlan<R>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { rows } = plan;
  const output = plan.outputPath === null ? null : await BatchOutput.open(plan.outputPath);
  const waiting = rows.filter((row) => output?.doneIds.has(row.id) !== true);
  let failedCount = 0;
  let doneCount = 0;

  const runOne = async (row: R): Promise<void> => {
    try {
      const result = await plan.runRow(row, signal);
      if (output === null) terminal.print(JSON.stringify(batchRow(row.id, result)));
      else await output.write(row.id, result);
      doneCount += 1;
    } catch (thrown) {
      const error = toCodedError(thrown);
      if (error.code === 'sidecar.gone' || signal.aborted) throw error;
      failedCount += 1;
      // Not written to the output file: a later run tries the row again.
      if (output === null) terminal.print(JSON.stringify(batchRow(row.id, { error: error.toData() })));
      else terminal.note(`row ${JSON.stringify(row.id)} failed: ${error.message}`);
    }
    terminal.note(`${doneCount + failedCount} of ${counted(waiting.length, 'row')}`);
  };

  try {
    await forEachInParallel(waiting, plan.parallel, runOne, signal);
  } finally {
    await output?.dispose();
  }
  const skippedCount = rows.length - waiting.length;
  terminal.print(
    JSON.stringify({ type: 'result', rowCount: rows.length, doneCount, skippedCount, failedCount }),
  );
  return failedCount === 0 ? 0 : 1;
}

/** At most `limit` at once, started in order. The first failure stops further starts and is thrown at the end. */
async function forEachInParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        if (signal.aborted)
          throw new CodedError('cancelled', 'The batch was stopped.', 'Run it again to go on.');
        await work(item);
      } catch (thrown) {
        failures.push(thrown);
        queue.length = 0;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
