import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { chosenNames, type ReasoningChoices, takesOption } from '../../../protocol/reasoningOptions.ts';
import { type StrategyId, strategyIds } from '../../../protocol/strategyTable.ts';
import { type DifficultyClass, difficultyClasses } from '../../../protocol/traceEvent.ts';
import { isAbsent } from '../../process/systemError.ts';
import { type Judge, judges } from '../../request/difficultyEstimator.ts';
import { parseStandIns, type StandIn } from '../../request/standIn.ts';
import { FieldReader, type NumberRange, present } from '../../validation/fieldReader.ts';
import { candidateRange, temperatureRange } from '../../validation/parameterRanges.ts';
import { readChoices } from '../../validation/reasoningChoices.ts';
import shipped from './autoTable.json' with { type: 'json' };

/** Range of a figure that an estimate is made from: tokens, or a ratio of them. */
const estimateRange: NumberRange = { min: 0.01, max: 1e6 };

/** Version of table files; a reader refuses any other. */
export const autoTableVersion = 1;

/** A strategy that a class may lead to: any but the one that asks. */
export type ChosenStrategy = Exclude<StrategyId, 'auto'>;
const chosenStrategies = strategyIds.filter((id) => id !== 'auto');

/** What a class of difficulty leads to; its strategy takes all of it. What the user fixed comes before it. */
export interface ClassProfile extends ReasoningChoices {
  readonly strategy: ChosenStrategy;
  readonly temperature: number;
  /** Share of the full budget's tokens per candidate, in 0…1: thought tokens, where there is a thought. */
  readonly tokenShare: number;
  /** Most candidates; fewer where the request asks for fewer. */
  readonly candidates: number;
}

export type ClassProfiles = Readonly<Record<DifficultyClass, ClassProfile>>;

/** What a model's classes lead to. */
export interface ModelRow {
  readonly profiles: ClassProfiles;
  /** Smaller models that were measured to answer for this one. */
  readonly standIns: readonly StandIn[];
  /** Whose classes were measured; the row serves no other. Absent where it serves every judge. */
  readonly judge?: Judge;
}

/** A profile that the user's word puts in force. */
export interface OverrideProfile extends ClassProfile {
  /** Generated tokens beside those of the one thought on word problems, by the model's hash: estimated, not run as one. */
  readonly tokenRatios: Readonly<Record<string, number>>;
}

/** What the user's word leads to where it differs from the table: `normal` is the model's own row. */
export type OverrideProfiles = Readonly<Record<'easy' | 'hard', OverrideProfile>>;

/** What `auto` does with each class of difficulty: for models that were measured, and for all others. */
export interface AutoTable {
  readonly version: number;
  /** Absent where a file says nothing of models that were not measured. */
  readonly default?: ClassProfiles;
  /** For questions about code, which are answered directly, whatever the model; absent where a file says nothing of them. */
  readonly code?: ClassProfiles;
  /** Where the user sets the class; absent where a file says nothing of it. Only the one of the table that ships is used. */
  readonly override?: OverrideProfiles;
  /** By the model's hash, as in `ModelIdentity`. */
  readonly models: Readonly<Record<string, ModelRow>>;
}

/**
 * The table that ships: measured with `npm run bench -- reasoning --write-table`. Its default row is one whole greedy thought
 * for every class: the shorter ones of arXiv 2510.19669 lost 10 to 28 points on the models that were measured.
 */
export const shippedTable = parseTable(shipped, 'autoTable.json');
export const defaultProfiles = required(shippedTable.default, 'default');
const defaultCodeProfiles = required(shippedTable.code, 'code');
export const overrideProfiles = required(shippedTable.override, 'override');

/** What the first table with a row for code says of it: models are measured on questions that end in an answer. Pure. */
export function codeProfiles(tables: readonly AutoTable[]): ClassProfiles {
  return tables.find(({ code }) => code !== undefined)?.code ?? defaultCodeProfiles;
}

/** Where a user's own table lies, which comes before the one that ships. */
export function autoTablePath(storePath: string): string {
  return path.join(storePath, 'autoTable.json');
}

/**
 * What the tables say of a model's classes as a judge separates them, the first that has such a row counting; else the
 * default of the first that has one. Pure.
 */
export function profilesFor(tables: readonly AutoTable[], modelHash: string, judge: Judge): ClassProfiles {
  const row = rowsOf(tables, modelHash).find((found) => (found.judge ?? judge) === judge);
  return row?.profiles ?? tables.find((table) => table.default !== undefined)?.default ?? defaultProfiles;
}

/** Models that the tables say may answer for this one, and when. Pure. */
export function standInsFor(tables: readonly AutoTable[], modelHash: string): readonly StandIn[] {
  return rowsOf(tables, modelHash).flatMap(({ standIns }) => standIns);
}

function rowsOf(tables: readonly AutoTable[], modelHash: string): readonly ModelRow[] {
  return tables.flatMap(({ models }) => {
    const row = Object.hasOwn(models, modelHash) ? models[modelHash] : undefined;
    return row === undefined ? [] : [row];
  });
}

/** A user's table. Null where there is none; `note` says why one that is there is not used. Never rejects. */
export async function readAutoTable(
  file: string,
): Promise<{ readonly table: AutoTable | null; readonly note: string | null }> {
  try {
    return { table: parseTable(JSON.parse(await readFile(file, 'utf8')), path.basename(file)), note: null };
  } catch (thrown) {
    if (isAbsent(thrown)) return { table: null, note: null };
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return { table: null, note: `${file} is not used, and what ships serves instead: ${why}` };
  }
}

/**
 * Throws `parameter.invalid` naming the member that is wrong, or that the row's strategy has no use for. Members it does
 * not know are left out.
 */
export function parseTable(value: unknown, name: string): AutoTable {
  const fields = new FieldReader(value, name);
  const version = fields.number('version', { min: autoTableVersion, max: autoTableVersion });
  const fallback = fields.optionalObject('default');
  const code = fields.optionalObject('code');
  const override = fields.optionalObject('override');
  const models = fields.object('models');
  return {
    version,
    ...(fallback !== undefined && { default: parseProfiles(fallback, chosenStrategies) }),
    ...(code !== undefined && { code: parseProfiles(code, ['direct']) }),
    ...(override !== undefined && {
      override: {
        easy: parseOverride(override.object('easy')),
        hard: parseOverride(override.object('hard')),
      },
    }),
    models: Object.fromEntries(models.names().map((hash) => [hash, parseModel(models.object(hash))])),
  };
}

function parseModel(fields: FieldReader): ModelRow {
  return {
    profiles: parseProfiles(fields, chosenStrategies),
    standIns: parseStandIns(fields.optionalObject('standIns')),
    ...present({ judge: fields.optionalOneOf('judge', judges) }),
  };
}

function parseProfiles(fields: FieldReader, strategies: readonly ChosenStrategy[]): ClassProfiles {
  const profile = (difficulty: DifficultyClass): ClassProfile =>
    parseProfile(fields.object(difficulty), strategies);
  const [easy, normal, hard] = difficultyClasses;
  return { easy: profile(easy), normal: profile(normal), hard: profile(hard) };
}

function parseProfile(members: FieldReader, strategies: readonly ChosenStrategy[]): ClassProfile {
  const strategy = members.oneOf('strategy', strategies);
  const choices = readChoices(members);
  const useless = chosenNames(choices).find((name) => !takesOption(strategy, name));
  if (useless !== undefined) throw notTaken(members, useless, strategy);
  return {
    strategy,
    ...choices,
    temperature: members.number('temperature', temperatureRange),
    tokenShare: members.number('tokenShare', { min: 0, max: 1 }),
    candidates: members.number('candidates', candidateRange),
  };
}

function parseOverride(fields: FieldReader): OverrideProfile {
  const estimated = fields.object('estimated');
  return {
    ...parseProfile(fields, chosenStrategies),
    tokenRatios: Object.fromEntries(
      estimated.names().map((hash) => [hash, parseEstimate(estimated.object(hash))]),
    ),
  };
}

/** Product of the factors over that of the divisors: each is a figure of a bench, and their sets of questions may differ. */
function parseEstimate(fields: FieldReader): number {
  const product = (name: string): number => {
    const inputs = fields.object(name);
    return inputs
      .names()
      .reduce((total, row) => total * inputs.object(row).number('value', estimateRange), 1);
  };
  return product('factors') / product('divisors');
}

function notTaken(fields: FieldReader, name: string, strategy: ChosenStrategy): CodedError {
  return new CodedError(
    'parameter.invalid',
    `${fields.at(name)} has no use: ${strategy} does not take it, so the row was not measured in this form.`,
    'Leave the member out, or measure the table again.',
  );
}

function required<T>(profiles: T | undefined, row: string): T {
  if (profiles === undefined) throw new Error(`The table that ships has a ${row} row.`);
  return profiles;
}
