import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { completeLedger } from '../../protocol/budget.ts';
import { isAbsent } from '../../sidecar/systemError.ts';
import { rawVersion, type RawTrace } from './rawTrace.ts';
import { parseStrategyRow } from './strategyRow.ts';

/**
 * What was answered so far, a line each: whoever is interrupted goes on where he was. A line that was cut off while
 * it was written, that is of another version, or whose row there is no more, counts as not there.
 */
export class RawFile {
  readonly #path: string;
  readonly #traces: RawTrace[];

  private constructor(path: string, traces: RawTrace[]) {
    this.#path = path;
    this.#traces = traces;
  }

  static async open(path: string): Promise<RawFile> {
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
      if (isAbsent(thrown)) return '';
      throw thrown;
    });
    if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
    const traces = text
      .split('\n')
      .map(parseLine)
      .filter((trace) => trace !== null);
    return new RawFile(path, traces);
  }

  get traces(): readonly RawTrace[] {
    return this.#traces;
  }

  async add(trace: RawTrace): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(trace)}\n`);
    this.#traces.push(trace);
  }
}

function parseLine(line: string): RawTrace | null {
  if (line === '') return null;
  try {
    // Written by this program: a line of its version that is whole has all members.
    const trace = JSON.parse(line) as RawTrace;
    parseStrategyRow(trace.row);
    return trace.version === rawVersion ? { ...trace, ledger: completeLedger(trace.ledger) } : null;
  } catch {
    return null;
  }
}
