import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { completeLedger } from '../../../protocol/budget.ts';
import type { ModelIdentity } from '../../../protocol/traceEvent.ts';
import { isAbsent } from '../../../sidecar/process/systemError.ts';
import type { QuestionSet } from './questionSet.ts';
import { type RawTrace, rawVersion } from './rawTrace.ts';
import { parseStrategyRow } from './strategyRow.ts';

/**
 * What was answered so far, a line each: an interrupted run goes on from there. A line that was cut off while
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

/** Where answers of a model to a set are kept: one file for each, which an adapter makes another. */
export function rawFileOf(set: SetName, { name, hash, adapter }: ModelIdentity, folder: string): string {
  const adapted = adapter === undefined ? [] : [adapter.name, adapter.hash.slice(0, 8), `x${adapter.scale}`];
  return join(folder, `${fileStem([...setAndModel(set, name), hash.slice(0, 8), ...adapted])}.jsonl`);
}

/** All there are of a model of that name, without an adapter. */
export async function rawFilesOf(
  set: SetName,
  modelName: string,
  folder: string,
): Promise<readonly string[]> {
  const start = `${fileStem(setAndModel(set, modelName))}-`;
  const files = (await readdir(folder)).filter(
    (file) => file.startsWith(start) && /^[0-9a-f]{8}\.jsonl$/.test(file.slice(start.length)),
  );
  return files.map((file) => join(folder, file));
}

type SetName = Pick<QuestionSet, 'name' | 'hash'>;

function setAndModel({ name, hash }: SetName, modelName: string): readonly string[] {
  return [name, hash.slice(0, 8), modelName];
}

function fileStem(parts: readonly string[]): string {
  return parts.join('-').replaceAll(/[^\w.-]+/g, '-');
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
