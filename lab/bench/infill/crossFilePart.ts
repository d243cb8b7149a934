import { pathToFileURL } from 'node:url';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { meanOf, Resamples } from '../../numeric/bootstrap.ts';
import type { Figure, PartResult } from '../figure.ts';
import { bundleRevision } from './answersFile.ts';
import { type CrossFileAnswer, openCrossFileAnswers } from './crossFileAnswers.ts';
import { type CrossFileRow, cutCrossFileRows } from './crossFileSet.ts';
import type { InfillPartContext } from './infillPart.ts';
import { InfillPipeline } from './infillPipeline.ts';
import { chosenRows } from './infillSet.ts';

/** Decides the resamples of the interval. */
const seed = 1;

/**
 * Completes lines that use a name of another file, without that file's declarations and with them, through the product's own
 * choice and prompt. Each row is done both ways, so the difference is paired.
 */
export async function crossFilePart(
  { infill, bundleFolder, note, signal }: Omit<InfillPartContext, 'dataFolder'>,
  model: Model,
): Promise<PartResult> {
  const cut = await cutCrossFileRows(infill.spanFolder, signal);
  const rows = chosenRows(cut, infill.rows).slice(0, infill.limit);
  const revision = await bundleRevision(bundleFolder);
  const answers = await openCrossFileAnswers(infill.rawFolder, model.info.identity, revision);
  const pipeline = await InfillPipeline.open(model, {
    prompting: {},
    reading: 'whole',
    bundleFolder,
    workspaceUri: pathToFileURL(infill.spanFolder).href,
  });
  const scored: AnsweredRow[] = [];
  try {
    for (const row of rows) {
      const answer =
        answers.find(({ id }) => id === row.id) ?? (await answers.add(await answerTo(pipeline, row, signal)));
      scored.push({ row, answer });
      if (scored.length % 10 === 0) note(`  crossFile: ${scored.length} of ${rows.length} done`);
    }
  } finally {
    await pipeline.dispose();
  }
  return { figures: figuresOf(scored), notes: notesOf(scored, { rows: infill.rows, cut: cut.length }) };
}

interface AnsweredRow {
  readonly row: CrossFileRow;
  readonly answer: CrossFileAnswer;
}

async function answerTo(
  pipeline: InfillPipeline,
  row: CrossFileRow,
  signal: AbortSignal,
): Promise<CrossFileAnswer> {
  const choices = { multiline: 'never' } as const;
  const without = await pipeline.complete(row, choices, signal);
  const startedMs = systemClock.now();
  const done = await pipeline.completeWithOthers(row, { offers: row.offers, choices }, signal);
  return {
    id: row.id,
    without: without.items[0]?.text ?? '',
    with: done.result.items[0]?.text ?? '',
    frontTokens: Math.max(0, done.result.report.promptTokenCount - without.report.promptTokenCount),
    preparedMs: done.preparedAtMs - startedMs,
  };
}

/** Whether a text is the rest of the line, but for blanks around it. Pure. */
export function isRestOfLine(text: string, { middle }: Pick<CrossFileRow, 'middle'>): boolean {
  return (text.split('\n', 1)[0] ?? '').trim() === middle.trim();
}

function figuresOf(rows: readonly AnsweredRow[]): readonly Figure[] {
  if (rows.length === 0) return [];
  const share = (what: string, holds: (row: AnsweredRow) => boolean, of = rows): Figure => {
    const count = of.filter(holds).length;
    const basis = `${count} of ${of.length}`;
    return {
      type: 'single',
      name: `lines across files: ${what}`,
      unit: 'share',
      value: count / of.length,
      basis,
    };
  };
  return [
    share('exact, alone', ({ row, answer }) => isRestOfLine(answer.without, row)),
    share('exact, with parts of other files', ({ row, answer }) => isRestOfLine(answer.with, row)),
    share('given parts of other files', ({ answer }) => answer.frontTokens > 0),
    {
      type: 'sampled',
      name: 'lines across files: choosing and reading',
      unit: 'ms',
      samples: rows.map(({ answer }) => answer.preparedMs),
    },
  ];
}

function notesOf(
  rows: readonly AnsweredRow[],
  { rows: which, cut }: { readonly rows: string; readonly cut: number },
): readonly string[] {
  const gains = rows.map(
    ({ row, answer }) => Number(isRestOfLine(answer.with, row)) - Number(isRestOfLine(answer.without, row)),
  );
  const interval = new Resamples(gains.length, seed).interval(meanOf(gains));
  const counts = `${gains.filter((gain) => gain > 0).length} rows gained, ${gains.filter((gain) => gain < 0).length} lost`;
  const text = (value: number): string => value.toFixed(3);
  const difference =
    interval === null
      ? 'no rows'
      : `${text(interval.estimate)}, 95 % interval ${text(interval.low)} to ${text(interval.high)}`;
  return [
    `Lines across files: ${which} rows of ${cut} cut by script, ${rows.length} done. Difference of exact lines, paired: ${difference} (${counts}).`,
  ];
}
