import { type StrategyId, strategyIds } from '../../../protocol/strategyTable.ts';
import { FieldReader } from '../../validation/fieldReader.ts';

/** Version of memory files; a reader takes any other for none. */
const memoryVersion = 1;
/** Signatures kept; the one that was met longest ago goes first. */
export const mostSignatures = 200;
/** Beyond so many tries, or runs, all counts are halved, so that what a model did long ago fades. */
export const mostTries = 128;

/** How a strategy did on problems of one signature. */
export interface StrategyRecord {
  /** Runs that could be judged. */
  readonly tries: number;
  readonly wins: number;
  /** Runs whose tokens were counted, judged or not. */
  readonly runs: number;
  /** Generated in all those runs. */
  readonly tokens: number;
}

export interface SignatureRecord {
  /** ISO 8601, UTC. */
  readonly metAt: string;
  readonly strategies: Readonly<Partial<Record<StrategyId, StrategyRecord>>>;
}

export interface StrategyMemory {
  readonly version: typeof memoryVersion;
  readonly signatures: Readonly<Record<string, SignatureRecord>>;
}

/** What one run says of one strategy. */
export interface StrategyOutcome {
  readonly strategy: StrategyId;
  /** Null where nobody can know. */
  readonly hasWon: boolean | null;
  /** Generated; null for a run that was not the strategy's own to its end. */
  readonly tokens: number | null;
}

export const emptyMemory: StrategyMemory = { version: memoryVersion, signatures: {} };

const unknown: StrategyRecord = { tries: 0, wins: 0, runs: 0, tokens: 0 };

/** The memory with what was learned about problems of a signature. Pure; within its bounds whatever comes. */
export function withOutcomes(
  memory: StrategyMemory,
  { signature, metAt }: { readonly signature: string; readonly metAt: string },
  outcomes: readonly StrategyOutcome[],
): StrategyMemory {
  const strategies = { ...memory.signatures[signature]?.strategies };
  for (const outcome of outcomes)
    strategies[outcome.strategy] = withOutcome(strategies[outcome.strategy] ?? unknown, outcome);
  const kept = Object.entries(memory.signatures)
    .filter(([other]) => other !== signature)
    .toSorted(([, a], [, b]) => b.metAt.localeCompare(a.metAt))
    .slice(0, mostSignatures - 1);
  return {
    version: memoryVersion,
    signatures: { [signature]: { metAt, strategies }, ...Object.fromEntries(kept) },
  };
}

function withOutcome(record: StrategyRecord, { hasWon, tokens }: StrategyOutcome): StrategyRecord {
  const grown: StrategyRecord = {
    tries: record.tries + (hasWon === null ? 0 : 1),
    wins: record.wins + (hasWon === true ? 1 : 0),
    runs: record.runs + (tokens === null ? 0 : 1),
    tokens: record.tokens + (tokens ?? 0),
  };
  const ages = grown.tries > mostTries || grown.runs > mostTries;
  if (!ages) return grown;
  const { tries, wins, runs, tokens: sum } = grown;
  return { tries: tries / 2, wins: wins / 2, runs: runs / 2, tokens: sum / 2 };
}

/** A memory file's text; null where it is none. Strategies that this version does not know are left out. */
export function parseStrategyMemory(text: string): StrategyMemory | null {
  try {
    const fields = new FieldReader(JSON.parse(text), 'memory');
    fields.number('version', { min: memoryVersion, max: memoryVersion });
    const signatures = fields.object('signatures');
    const entries = signatures.names().map((signature) => {
      const record = signatures.object(signature);
      const strategies = record.object('strategies');
      const known = strategyIds.filter((id) => strategies.names().includes(id));
      const read = known.map((id) => [id, readRecord(strategies.object(id))] as const);
      return [signature, { metAt: record.string('metAt'), strategies: Object.fromEntries(read) }] as const;
    });
    return { version: memoryVersion, signatures: Object.fromEntries(entries) };
  } catch {
    return null;
  }
}

function readRecord(fields: FieldReader): StrategyRecord {
  const count = { min: 0, max: Number.MAX_SAFE_INTEGER };
  const tries = fields.number('tries', count);
  return {
    tries,
    wins: fields.number('wins', { min: 0, max: tries }),
    runs: fields.number('runs', count),
    tokens: fields.number('tokens', count),
  };
}
