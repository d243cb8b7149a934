import type { Model } from '../../../sidecar/engine/engine.ts';
import type { Figure, PartResult } from '../figure.ts';
import type { SuiteContext } from '../suites/suite.ts';
import type { InfillTask } from '../tasks/infillTask.ts';
import { runPython } from '../tasks/runPython.ts';
import { bundleRevision } from './answersFile.ts';
import { type InfillAnswer, openInfillAnswers } from './infillAnswers.ts';
import type { WayToAsk } from './infillFlags.ts';
import { InfillPipeline } from './infillPipeline.ts';
import {
  beginsRight,
  cursorPlace,
  filledProgram,
  isExact,
  nothingOffered,
  type Offered,
} from './infillScore.ts';
import { type InfillSetKind, readInfillSet } from './infillSet.ts';

/** Tests of a row take milliseconds, and a wrong text may loop for ever. */
export const testTimeoutMs = 10_000;

/** Rows that are completed side by side, as one batch: texts differ from those of one row alone by rounding at most. */
const rowsAtOnce = 8;

/** What the parts of the suite are given: its context, with the test sets that it needs. */
export interface InfillPartContext extends Pick<SuiteContext, 'infill' | 'bundleFolder' | 'note' | 'signal'> {
  readonly dataFolder: string;
}

/** A row with what was written for it, by whichever program. */
export interface AnsweredRow {
  readonly task: InfillTask;
  readonly answer: Pick<InfillAnswer, keyof Offered | 'outcome'>;
}

/**
 * Completes the rows of a set through the whole product, in every way to ask, one after another: a row
 * that shows nothing counts as wrong. Rows of the raw file are not completed again.
 */
export async function infillPart(
  context: InfillPartContext,
  model: Model,
  kind: InfillSetKind,
): Promise<PartResult> {
  const { infill, dataFolder, bundleFolder, note, signal } = context;
  const set = await readInfillSet(dataFolder, kind, infill);
  const revision = await bundleRevision(bundleFolder);
  const answers = await openInfillAnswers(infill.rawFolder, { set, model: model.info.identity, revision });
  const scored = new Map<WayToAsk, AnsweredRow[]>(infill.ways.map((way) => [way, []]));
  const pipelines = new Map<WayToAsk, InfillPipeline>();
  const waiting = [...set.tasks];
  const work = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      for (const [way, pipeline] of pipelines) {
        const answer =
          answers.find((other) => other.way === way.name && other.id === task.id) ??
          (await answers.add({ way: way.name, ...(await answerTo(pipeline, task, signal)) }));
        scored.get(way)?.push({ task, answer });
      }
      if (waiting.length % 10 === 0) note(`  ${kind.name}: ${waiting.length} of ${set.tasks.length} wait`);
    }
  };
  try {
    for (const way of infill.ways)
      pipelines.set(
        way,
        await InfillPipeline.open(model, {
          prompting: way.prompting,
          reading: infill.reading,
          bundleFolder,
        }),
      );
    await Promise.all(Array.from({ length: rowsAtOnce }, work));
  } finally {
    await Promise.all([...pipelines.values()].map((pipeline) => pipeline.dispose()));
  }
  return {
    figures: [...scored].flatMap(([way, rows]) => figuresOf(`${kind.name}, ${way.name}`, rows)),
    notes: [`${kind.name}: ${infill.rows} rows of ${kind.file}, SHA-256 ${set.hash.slice(0, 12)}.`],
  };
}

async function answerTo(
  pipeline: InfillPipeline,
  task: InfillTask,
  signal: AbortSignal,
): Promise<Omit<InfillAnswer, 'way'>> {
  const place = { before: task.prefix, after: task.suffix, languageId: 'python' };
  const { items, report } = await pipeline.complete(place, {}, signal);
  const [first] = items;
  const { text, replacedLength } = first ?? nothingOffered;
  const program = filledProgram(task, { text, replacedLength });
  const outcome = text === '' ? 'failed' : await runPython(program, testTimeoutMs, signal);
  return {
    id: task.id,
    text,
    replacedLength,
    meanLogprob: first?.meanLogprob ?? null,
    suppressed: report.suppressed,
    generatedTokens: report.generatedTokenCount,
    outcome,
  };
}

/** Shares of the rows of a set; none where there are no rows. Pure. */
export function figuresOf(name: string, rows: readonly AnsweredRow[]): readonly Figure[] {
  const inside = rows.filter(({ task }) => cursorPlace(task).isInsideWord);
  const elsewhere = rows.filter(({ task }) => !cursorPlace(task).isInsideWord);
  const around = rows.filter(({ task }) => cursorPlace(task).hasWordAround);
  const share = (
    what: string,
    of: readonly AnsweredRow[],
    holds: (row: AnsweredRow) => boolean,
  ): readonly Figure[] => {
    if (of.length === 0) return [];
    const count = of.filter(holds).length;
    const value = count / of.length;
    return [
      { type: 'single', name: `${name}: ${what}`, unit: 'share', value, basis: `${count} of ${of.length}` },
    ];
  };
  const isRight = ({ task, answer }: AnsweredRow): boolean => beginsRight(answer, task);
  return [
    ...share('pass', rows, ({ answer }) => answer.outcome === 'passed'),
    ...share('exact', rows, ({ task, answer }) => isExact(answer, task)),
    ...share('begins right', rows, isRight),
    ...share('begins right, inside a word', inside, isRight),
    ...(inside.length === 0 ? [] : share('begins right, elsewhere', elsewhere, isRight)),
    ...share('shown', rows, ({ answer }) => answer.text !== ''),
    ...share(
      'begins right of those shown, word characters on both sides',
      around.filter(({ answer }) => answer.text !== ''),
      isRight,
    ),
  ];
}
