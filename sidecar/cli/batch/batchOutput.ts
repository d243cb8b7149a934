import { open, type FileHandle } from 'node:fs/promises';
import { CodedError } from '../../../protocol/codedError.ts';
import type { RowId } from './batchRows.ts';

/**
 * The results file of a batch: one JSON object a line, flushed row by row, so that an interrupted run goes on
 * where it stopped. Opening removes a last line that was cut off while it was written. Dispose to close.
 */
export class BatchOutput {
  /** Rows that the file holds already. */
  readonly doneIds: ReadonlySet<RowId>;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, doneIds: ReadonlySet<RowId>) {
    this.#file = file;
    this.doneIds = doneIds;
  }

  /** Throws `batch.unreadable` for a file that holds something else than results. */
  static async open(path: string): Promise<BatchOutput> {
    const file = await open(path, 'a+').catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new CodedError(
        'store.unwritable',
        `Results cannot be written to ${path}: ${why}`,
        'Choose another file.',
        {
          cause,
        },
      );
    });
    try {
      const text = await file.readFile('utf8');
      const { doneIds, keptText, isEnded } = readResults(text, path);
      if (keptText.length < text.length) await file.truncate(Buffer.byteLength(keptText));
      if (!isEnded) await file.appendFile('\n');
      return new BatchOutput(file, doneIds);
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  /** Appends one finished row. */
  async write(id: RowId, result: object): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(batchRow(id, result))}\n`);
  }

  async dispose(): Promise<void> {
    await this.#file.close();
  }
}

/** A finished row as it is printed or written. Its type and id come first: `readResults` knows a row by them. */
export function batchRow(id: RowId, result: object): object {
  return { type: 'row', id, ...result };
}

interface ExistingResults {
  readonly doneIds: ReadonlySet<RowId>;
  readonly keptText: string;
  /** The kept text ends with a line end, or there is none. */
  readonly isEnded: boolean;
}

/** What of an earlier run's results can be kept. Only the last line may be broken: anything else is not ours. */
export function readResults(text: string, path: string): ExistingResults {
  const doneIds = new Set<RowId>();
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  for (const [index, line] of lines.entries()) {
    const id = idOf(line);
    if (id === null) throw unreadable(index + 1, path);
    doneIds.add(id);
  }
  if (last === '') return { doneIds, keptText: text, isEnded: true };
  const lastId = idOf(last);
  if (lastId === null) {
    if (!isCutRow(last)) throw unreadable(lines.length + 1, path);
    return { doneIds, keptText: text.slice(0, text.length - last.length), isEnded: true };
  }
  doneIds.add(lastId);
  return { doneIds, keptText: text, isEnded: false };
}

/** How every line that `write` appends begins. */
const rowStart = '{"type":"row","id":';

/** Only what can be the beginning of a row of ours may be taken away: the file may be somebody's own. */
function isCutRow(line: string): boolean {
  return line.startsWith(rowStart) || rowStart.startsWith(line);
}

function unreadable(lineNumber: number, path: string): CodedError {
  return new CodedError(
    'batch.unreadable',
    `Line ${lineNumber} of ${path} is not a result of a batch, so the run cannot go on from that file.`,
    'Give another --output file, or remove that line.',
  );
}

function idOf(line: string): RowId | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('id' in value)) return null;
    return typeof value.id === 'string' || typeof value.id === 'number' ? value.id : null;
  } catch {
    return null;
  }
}
