import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasVote, takesParameter } from '../../protocol/strategyTable.ts';
import type { DifficultyClass, ModelIdentity } from '../../protocol/traceEvent.ts';
import { autoTableVersion, parseTable, type ClassProfile } from '../../sidecar/difficulty/autoTable.ts';
import type { Judge } from '../../sidecar/difficulty/difficultyEstimator.ts';
import { defaultSettings } from '../../sidecar/settings.ts';
import { chosenStrategy } from '../../sidecar/strategies/chosenStrategy.ts';
import { earlyStoppingOf } from '../../sidecar/strategies/earlyStopping.ts';
import { selectorOf } from '../../sidecar/strategies/selectorOf.ts';
import { stepSearchOf } from '../../sidecar/strategies/stepSearchSettings.ts';
import { chooseProfiles, type Arm } from './chooseProfiles.ts';
import type { RawTrace } from './rawTrace.ts';
import { groupBy, scoresOf } from './rowSummary.ts';
import { parseStrategyRow, type StrategyRow } from './strategyRow.ts';

/** What a row of the table is about. */
export interface TableSubject {
  readonly model: ModelIdentity;
  readonly setName: string;
  readonly against: StrategyRow;
  /** Who told the classes apart. */
  readonly judge: Judge;
  /** By the question's id. */
  readonly classOf: ReadonlyMap<string, DifficultyClass>;
}

/**
 * Puts what pays for each class of a model's questions into a table file, beside what the file says of other models. The
 * arms are all rows that a class can lead to. Returns sentences about it.
 */
export async function writeAutoTable(
  file: string,
  subject: TableSubject,
  traces: readonly RawTrace[],
): Promise<readonly string[]> {
  const { model, setName, against, judge, classOf } = subject;
  const arms = [...groupBy(traces, ({ row }) => row)].flatMap(([key, runs]): readonly Arm[] => {
    const profile = profileOf(parseStrategyRow(key));
    return profile === null ? [] : [{ name: key, profile, scores: scoresOf(runs) }];
  });
  const baseline = arms.find(({ name }) => name === against.key);
  if (baseline === undefined)
    return [`No table was written: ${against.key} is no row that a class can lead to.`];
  const chosen = chooseProfiles(baseline, arms, classOf);
  const known = await readFile(file, 'utf8').catch(() => null);
  // Read as it stands, with the evidence that the reader of the product leaves out, once it is known to be a table.
  const table = known === null ? { version: autoTableVersion, models: {} } : checkedTable(known, file);
  const row = { name: model.name, set: setName, judge, ...chosen };
  const text = JSON.stringify({ ...table, models: { ...table.models, [model.hash]: row } }, null, 2);
  await mkdir(path.dirname(file), { recursive: true });
  const part = `${file}.part-${randomUUID()}`;
  await writeFile(part, `${text}\n`);
  await rename(part, file);
  const sentences = (['easy', 'normal', 'hard'] as const).map((difficulty) => {
    const { measured, strategy } = chosen[difficulty];
    return `${difficulty}: ${measured === null ? `nothing was shown to pay, so ${strategy} with the whole budget` : measured.arm}`;
  });
  return [`The table in ${file} says of ${model.name}: ${sentences.join('; ')}.`];
}

function checkedTable(text: string, file: string): { readonly models: object } {
  const value: unknown = JSON.parse(text);
  parseTable(value, path.basename(file));
  return value as { readonly models: object };
}

/** What a class would have to lead to so that the row is what happens; null for a row that no class can lead to. */
function profileOf(row: StrategyRow): ClassProfile | null {
  const { strategy, candidateCount, maxThoughtTokens, temperature, selector } = row.request;
  const tokenShare = maxThoughtTokens / defaultSettings.maxThoughtTokens;
  if (strategy === 'auto' || tokenShare > 1) return null;
  const way = chosenStrategy(strategy);
  return {
    strategy,
    temperature: temperature ?? way.temperature,
    tokenShare,
    candidates: takesParameter(strategy, 'candidates') ? candidateCount : 1,
    ...(hasVote(strategy) && { selector: selectorOf(way, selector).id }),
    ...(takesParameter(strategy, 'stepChildren') && {
      stepSearch: stepSearchOf(defaultSettings, row.request.stepSearch),
    }),
    earlyStopping: earlyStoppingOf(defaultSettings, row.request.earlyStopping),
    ...(takesParameter(strategy, 'skipPreamble') && {
      skipPreamble: row.request.skipPreamble ?? defaultSettings.skipPreamble,
    }),
  };
}
