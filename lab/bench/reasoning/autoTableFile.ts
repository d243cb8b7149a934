import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import { choicesTakenBy, optionsOf } from '../../../protocol/reasoningOptions.ts';
import { hasVote, takesParameter } from '../../../protocol/strategyTable.ts';
import { type DifficultyClass, difficultyClasses, type ModelIdentity } from '../../../protocol/traceEvent.ts';
import { isAbsent } from '../../../sidecar/process/systemError.ts';
import {
  autoTableVersion,
  type ClassProfile,
  parseTable,
} from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { selectorIdOf } from '../../../sidecar/reasoning/exploration/selectorIdOf.ts';
import { chosenStrategy } from '../../../sidecar/reasoning/strategies/chosenStrategy.ts';
import type { Judge } from '../../../sidecar/request/difficultyEstimator.ts';
import { replaceFile } from '../../../sidecar/storage/replaceFile.ts';
import { present } from '../../../sidecar/validation/fieldReader.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import { type Arm, chooseProfiles } from './chooseProfiles.ts';
import type { RawTrace } from './rawTrace.ts';
import { groupBy, questionScores } from './rowSummary.ts';
import { capOf, parseStrategyRow, type StrategyRow } from './strategyRow.ts';

/** What a row of the table is about. */
export interface TableSubject {
  readonly model: ModelIdentity;
  readonly setName: string;
  readonly against: StrategyRow;
  /** The judge that separated the classes. */
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
    return profile === null ? [] : [{ name: key, profile, scores: questionScores(runs) }];
  });
  const baseline = arms.find(({ name }) => name === against.key);
  if (baseline === undefined)
    return [`No table was written: ${against.key} is not a row that a class can lead to.`];
  const chosen = chooseProfiles(baseline, arms, classOf);
  const table = await readTableFile(file);
  const standIns = standInsOf(table.models, model.hash);
  const row = { name: model.name, set: setName, judge, ...chosen, ...present({ standIns }) };
  const text = JSON.stringify({ ...table, models: { ...table.models, [model.hash]: row } }, null, 2);
  await mkdir(path.dirname(file), { recursive: true });
  await replaceFile(file, `${text}\n`);
  const sentences = difficultyClasses.map((difficulty) => {
    const { measured, strategy } = chosen[difficulty];
    return `${difficulty}: ${measured === null ? `nothing was shown to pay, so ${strategy} with the whole budget` : measured.arm}`;
  });
  // Reports travel, the folders of a machine do not.
  return [`The table ${path.basename(file)} says of ${model.name}: ${sentences.join('; ')}.`];
}

/** What a table says of stand-ins for a model, with its evidence: they are measured on their own, so they stay. */
function standInsOf(models: object, hash: string): unknown {
  const row: unknown = Object.entries(models).find(([key]) => key === hash)?.[1];
  return isRecord(row) ? row['standIns'] : undefined;
}

/**
 * A table file as it is, with the evidence that the reader of the product leaves out; an empty table without a
 * file. Throws `parameter.invalid` for a file that cannot be read or is not a table.
 */
export async function readTableFile(
  file: string,
): Promise<{ readonly version: number; readonly models: object }> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    parseTable(value, path.basename(file));
    return value as { readonly version: number; readonly models: object };
  } catch (cause) {
    if (isAbsent(cause)) return { version: autoTableVersion, models: {} };
    throw new CodedError(
      'parameter.invalid',
      `The table in ${file} cannot be added to: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Mend it, move it away, or give another file with --write-table.',
      { cause },
    );
  }
}

/** What a class would have to lead to so that the row is what happens; null for a row that no class can lead to. */
function profileOf(row: StrategyRow): ClassProfile | null {
  const { strategy, candidateCount, choices } = row.request;
  const tokenShare = capOf(row) / defaultSettings.maxThoughtTokens;
  if (strategy === 'auto' || tokenShare > 1) return null;
  // A class with one candidate runs one greedy thought in place of a vote of one.
  if (candidateCount === 1 && hasVote(strategy) && !takesParameter(strategy, 'stepChildren')) return null;
  const way = chosenStrategy(strategy);
  return {
    strategy,
    temperature: choices.temperature ?? way.temperature,
    tokenShare,
    candidates: takesParameter(strategy, 'candidates') ? candidateCount : 1,
    ...(hasVote(strategy) && { selector: choices.selector ?? selectorIdOf(way) }),
    ...choicesTakenBy(strategy, optionsOf(defaultSettings, choices)),
  };
}
