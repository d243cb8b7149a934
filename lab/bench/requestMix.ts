import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { generatedTokenCount } from '../../protocol/budget.ts';
import { CodedError } from '../../protocol/codedError.ts';
import { parseTrace } from '../../protocol/parseTrace.ts';
import type { DaySpending } from '../../protocol/spending.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { systemClock } from '../../sidecar/process/clock.ts';
import { isAbsent } from '../../sidecar/process/systemError.ts';
import { DailySpending } from '../../sidecar/spending/dailySpending.ts';
import { markdownTable } from '../calibrate/markdownTable.ts';
import { typingSteps, type TypingTrace, typingTraces } from './typing/typingTraces.ts';

/** Finished requests of one kind. Tokens are sums over all of them. */
export interface MixRow {
  /** A completion, or a question or edit with its strategy. */
  readonly kind: string;
  readonly requests: number;
  readonly promptTokens: number;
  /** Prompt tokens that were in a cache. */
  readonly cachedTokens: number;
  readonly generatedTokens: number;
}

/** How often somebody who types asks for a completion. */
export interface TypingRow {
  readonly name: string;
  readonly keys: number;
  readonly requests: number;
}

/** What requests were made of, as far as this machine has recorded it. */
export interface RequestMix {
  readonly requests: readonly MixRow[];
  readonly typing: readonly TypingRow[];
  readonly days: readonly DaySpending[];
}

/** Counts the traces and the daily book of a store, and the scripts of the typing bench. Files that are no trace are passed over. */
export async function readRequestMix(storePath: string, note: (line: string) => void): Promise<RequestMix> {
  const folder = path.join(storePath, 'traces');
  const traces = [
    ...(await readTraces(folder, note)),
    ...(await readTraces(path.join(folder, 'completions'), note)),
  ];
  const { days } = await new DailySpending(storePath, systemClock, note).report(null);
  return { requests: countTraces(traces), typing: typingTraces.map(countKeys), days };
}

/** Rows by kind, those with the most requests first. A trace without its closing event does not count. Pure. */
export function countTraces(traces: readonly (readonly TraceEvent[])[]): readonly MixRow[] {
  const rows = new Map<string, MixRow>();
  for (const events of traces) {
    const row = rowOf(events);
    if (row === null) continue;
    const known = rows.get(row.kind);
    rows.set(row.kind, known === undefined ? row : sum(known, row));
  }
  return [...rows.values()].sort((a, b) => b.requests - a.requests || a.kind.localeCompare(b.kind));
}

/** Keys and pauses of a script; each pause is a request. Pure. */
export function countKeys({ name, script }: Pick<TypingTrace, 'name' | 'script'>): TypingRow {
  const steps = typingSteps(script);
  const count = (types: readonly string[]): number => steps.filter(({ type }) => types.includes(type)).length;
  return { name, keys: count(['key', 'back', 'arrow']), requests: count(['pause']) };
}

/** The mix as Markdown tables. Pure. */
export function mixTables({ requests, typing, days }: RequestMix): readonly string[] {
  return [
    ...markdownTable(
      ['requests', 'number', 'prompt tokens each', 'of them cached', 'generated tokens each'],
      requests.map((row) => {
        const each = (tokens: number): string => (tokens / row.requests).toFixed(0);
        const sums = [row.promptTokens, row.cachedTokens, row.generatedTokens];
        return [row.kind, String(row.requests), ...sums.map(each)];
      }),
    ),
    '',
    ...markdownTable(
      ['typing', 'keys', 'requests', 'requests by 100 keys'],
      typing.map(({ name, keys, requests: asked }) => [
        name,
        String(keys),
        String(asked),
        ((100 * asked) / keys).toFixed(1),
      ]),
    ),
    '',
    ...markdownTable(
      ['day', 'requests', 'prompt tokens', 'generated tokens'],
      [...new Set(days.map(({ day }) => day))].map((day) => {
        const rows = days.filter((row) => row.day === day);
        const total = (of: (row: DaySpending) => number): string =>
          String(rows.reduce((sumSoFar, row) => sumSoFar + of(row), 0));
        return [
          day,
          total((row) => row.requests),
          total(({ tokens }) => tokens.prompt),
          total(generatedTokenCount),
        ];
      }),
    ),
  ];
}

function rowOf(events: readonly TraceEvent[]): MixRow | null {
  const started = events.find((event) => event.type === 'request/started');
  const finished = events.find((event) => event.type === 'request/finished');
  if (started === undefined || finished === undefined) return null;
  const { kind, strategy } = started;
  const prefills = events.filter((event) => event.type === 'prefill/finished');
  return {
    kind: kind === 'completion' ? kind : `${kind}, ${strategy}`,
    requests: 1,
    promptTokens: finished.ledger.tokens.prompt,
    cachedTokens: prefills.reduce((total, { cachedTokenCount }) => total + cachedTokenCount, 0),
    generatedTokens: generatedTokenCount(finished.ledger),
  };
}

function sum(a: MixRow, b: MixRow): MixRow {
  return {
    kind: a.kind,
    requests: a.requests + b.requests,
    promptTokens: a.promptTokens + b.promptTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    generatedTokens: a.generatedTokens + b.generatedTokens,
  };
}

async function readTraces(
  folder: string,
  note: (line: string) => void,
): Promise<readonly (readonly TraceEvent[])[]> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    if (isAbsent(thrown)) return [];
    throw thrown;
  });
  const traces: (readonly TraceEvent[])[] = [];
  for (const name of names.filter((each) => each.endsWith('.jsonl')).toSorted()) {
    const file = path.join(folder, name);
    try {
      traces.push(parseTrace(await readFile(file, 'utf8'), file));
    } catch (thrown) {
      if (!(thrown instanceof CodedError)) throw thrown;
      note(`${name} does not count: ${thrown.message}`);
    }
  }
  return traces;
}
