import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type InfillTask, readInfillTasks, singleLineFile } from '../tasks/infillTask.ts';

/** A test set of HumanEval-Infilling (arXiv 2207.14255). */
export interface InfillSetKind {
  /** The part of the suite that measures it. */
  readonly part: string;
  /** As tables name it. */
  readonly name: string;
  readonly file: string;
  /** Whether the cursor is given an empty line, as somebody makes one who wants lines before another. */
  readonly isOnEmptyLine?: boolean;
}

/** Whole lines are taken out of the first two; the last begins and ends anywhere, inside words too. */
export const infillSetKinds = [
  { part: 'singleLine', name: 'single line', file: singleLineFile },
  { part: 'multiLine', name: 'multi line', file: 'infill-multi-line-bench.jsonl', isOnEmptyLine: true },
  { part: 'randomSpan', name: 'random spans', file: 'infill-random-span-bench.jsonl' },
] as const satisfies readonly InfillSetKind[];

export const rowChoices = ['all', 'even', 'odd'] as const;
/** Which rows of a file, counted from 0: rules are tuned on odd ones and figures are reported of even ones. */
export type RowChoice = (typeof rowChoices)[number];

export interface InfillSet {
  readonly kind: InfillSetKind;
  /** SHA-256 of the file. */
  readonly hash: string;
  readonly tasks: readonly InfillTask[];
}

/** The chosen rows of a set, at most `limit`. Throws `parameter.invalid` for a file that cannot be read. */
export async function readInfillSet(
  folder: string,
  kind: InfillSetKind,
  choice: { readonly rows: RowChoice; readonly limit: number },
): Promise<InfillSet> {
  const path = join(folder, kind.file);
  const tasks = await readInfillTasks(path);
  const hash = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  const chosen = chosenRows(tasks, choice.rows).slice(0, choice.limit);
  return { kind, hash, tasks: kind.isOnEmptyLine === true ? chosen.map(onEmptyLine) : chosen };
}

/** A row whose lines are written on an empty line. Pure. */
export function onEmptyLine(task: InfillTask): InfillTask {
  const isOnLine = task.prefix.endsWith('\n') && !task.suffix.startsWith('\n');
  return isOnLine ? { ...task, suffix: `\n${task.suffix}` } : task;
}

/** Pure. */
export function chosenRows<T>(rows: readonly T[], choice: RowChoice): readonly T[] {
  if (choice === 'all') return rows;
  const remainder = choice === 'even' ? 0 : 1;
  return rows.filter((_, index) => index % 2 === remainder);
}
