import { join } from 'node:path';
import type { ModelIdentity } from '../../protocol/traceEvent.ts';
import { profilesFor, type ClassProfiles } from '../../sidecar/difficulty/autoTable.ts';
import { judgeOf } from '../../sidecar/difficulty/difficultyEstimator.ts';
import { UsageError } from '../../sidecar/cli/command.ts';
import { resampleCount } from '../bootstrap.ts';
import type { PartResult } from '../editPart.ts';
import type { SuiteContext } from '../suites/suite.ts';
import type { Answerer, Attempt } from './askQuestion.ts';
import { accuracyFigures, type Control } from './accuracyFigures.ts';
import { readTableFile, writeAutoTable } from './autoTableFile.ts';
import { fixedCaps } from './fixedCaps.ts';
import { judgeQuestions } from './judgeQuestions.ts';
import type { Question, QuestionSet } from './questionSet.ts';
import { RawFile } from './rawFile.ts';
import { requireUnseen } from './probeTraining.ts';
import { graded, type RawTrace } from './rawTrace.ts';
import type { ReasoningOptions } from './reasoningOptions.ts';
import { revisionsOf } from './revision.ts';
import { answersOf, routedFigures } from './routedRows.ts';
import { candidatesAtOnce, runAttempts } from './runAttempts.ts';
import { isAdaptive, isSampled, withCap, type StrategyRow } from './strategyRow.ts';
import { uncappedRows } from './uncappedRows.ts';

/** Between two lines of progress. */
const progressMs = 10_000;

/**
 * Answers the questions with every row, then with fixed caps around what the adaptive rows came to, and scores all that
 * the raw file holds. What it holds already is not answered again.
 */
export async function accuracyPart(
  context: Pick<SuiteContext, 'note' | 'signal'>,
  answerer: Answerer,
  options: ReasoningOptions & { readonly probeFolders: readonly string[] },
  set: QuestionSet,
): Promise<PartResult> {
  const { identity } = answerer.model.info;
  const { against } = options;
  const path = join(options.rawFolder, rawFileName(set, identity));
  const raw = await RawFile.open(path);
  const profiles = profilesFor(answerer.tables, identity.hash, judgeOf(answerer.estimator));
  const revisionOf = await revisionsOf(answerer, options.probeFolders);
  const questions = set.questions.slice(options.from, options.from + options.limit);
  refuseMismatch(questions, options);
  if (options.tableFile !== null) {
    // Before hours of answers, not behind them.
    await readTableFile(options.tableFile);
    await requireUnseen(questions, options.probeFolders, answerer.model.info);
  }
  const larger = options.routeTo;
  const ofLarger = larger === null ? [] : await answersOf(larger, set, options.rawFolder);
  const expected = new Map(questions.map(({ id, answer }) => [id, answer]));
  context.note(`  Answers are kept in ${path}`);
  /** What was answered of this run's questions, in this run or before it. */
  const current = (): readonly RawTrace[] =>
    raw.traces.flatMap((trace) => {
      const answer = expected.get(trace.questionId);
      return answer === undefined || trace.revision !== revisionOf(trace.row) ? [] : [graded(trace, answer)];
    });
  const answerAll = async (rows: readonly StrategyRow[]): Promise<void> => {
    const attempts = missingAttempts(rows, questions, { seeds: options.seeds, profiles, done: current() });
    const report = progressReporter(context.note, attempts.length);
    await runAttempts(
      answerer,
      attempts,
      {
        now: () => performance.now(),
        onDone: async (trace) => {
          await raw.add({ ...trace, revision: revisionOf(trace.row) });
          report(trace);
        },
      },
      context.signal,
    );
  };
  const table = async (file: string): Promise<readonly string[]> => {
    context.note('  The questions are judged, one after another');
    const judge = judgeOf(answerer.estimator);
    const classOf = await judgeQuestions(answerer, questions, context.signal);
    const ofRows = current().filter(({ row }) => rows.some(({ key }) => key === row));
    return writeAutoTable(file, { model: identity, setName: set.name, against, judge, classOf }, ofRows);
  };
  const controlled = options.rows.filter(isAdaptive);
  const uncapped = controlled.map((adaptive) => ({ adaptive, plain: uncappedRows(adaptive, profiles) }));
  const rows = uniqueRows([...options.rows, ...uncapped.flatMap(({ plain }) => plain)]);
  await answerAll(rows);
  const capsOf = (adaptive: StrategyRow, plain: StrategyRow): readonly StrategyRow[] =>
    fixedCaps(tracesOf(current(), adaptive), tracesOf(current(), plain)).map((cap) => withCap(plain, cap));
  const controls = uncapped.map(({ adaptive, plain }) => ({
    adaptive,
    // What all classes share is compared without a cap, too.
    fixed: [
      ...plain.filter(({ key }) => key !== against.key),
      ...plain.flatMap((row) => capsOf(adaptive, row)),
    ],
  }));
  await answerAll(uniqueRows(controls.flatMap(({ fixed }) => fixed)));
  const asked = new Set([...rows, ...controls.flatMap(({ fixed }) => fixed)].map(({ key }) => key));
  return {
    figures: [
      ...accuracyFigures(current(), { against, controls, asked }),
      ...options.rows.flatMap(({ key }) =>
        routedFigures(
          key,
          { name: identity.name, traces: current() },
          { name: larger ?? '', traces: ofLarger },
        ),
      ),
    ],
    notes: [
      ...notesOf(set, questions, controls),
      ...(options.tableFile === null ? [] : await table(options.tableFile)),
    ],
  };
}

/** Throws `UsageError` for what would measure something else than it says. */
function refuseMismatch(
  questions: readonly Question[],
  { rows, tableFile }: Pick<ReasoningOptions, 'rows' | 'tableFile'>,
): void {
  const hasPrograms = questions.some(({ task }) => task !== null);
  const byTests = rows.find(({ request }) => request.selector === 'verifiedCode');
  if (!hasPrograms && byTests !== undefined)
    throw new UsageError(
      `${byTests.key} would count votes: this set asks for no programs that could be tested.`,
    );
  if (hasPrograms && tableFile !== null)
    throw new UsageError(
      '--write-table takes a set of questions with answers: a table says what pays for those.',
    );
}

/** One file a test set and a model, which an adapter makes another. */
function rawFileName(set: QuestionSet, { name, hash, adapter }: ModelIdentity): string {
  const parts = [set.name, set.hash.slice(0, 8), name, hash.slice(0, 8)];
  const adapted = adapter === undefined ? [] : [adapter.name, adapter.hash.slice(0, 8), `x${adapter.scale}`];
  return `${[...parts, ...adapted].join('-').replaceAll(/[^\w.-]+/g, '-')}.jsonl`;
}

function uniqueRows(rows: readonly StrategyRow[]): readonly StrategyRow[] {
  return [...new Map(rows.map((row) => [row.key, row])).values()];
}

/** What is not there yet, question by question, so that an interrupted run has the same questions in all rows. */
function missingAttempts(
  rows: readonly StrategyRow[],
  questions: readonly Question[],
  {
    seeds,
    profiles,
    done,
  }: { readonly seeds: number; readonly profiles: ClassProfiles; readonly done: readonly RawTrace[] },
): readonly Attempt[] {
  const known = new Set(done.map(({ row, seed, questionId }) => `${row} ${seed} ${questionId}`));
  return questions.flatMap((question) =>
    rows.flatMap((row) =>
      Array.from({ length: isSampled(row, profiles) ? seeds : 1 }, (_, index) => ({
        row,
        question,
        seed: index + 1,
      })).filter(({ seed }) => !known.has(`${row.key} ${seed} ${question.id}`)),
    ),
  );
}

function tracesOf(traces: readonly RawTrace[], row: StrategyRow): readonly RawTrace[] {
  return traces.filter((trace) => trace.row === row.key);
}

function notesOf(
  set: QuestionSet,
  questions: readonly Question[],
  controls: readonly Control[],
): readonly string[] {
  return [
    `${set.name} (${set.hash.slice(0, 12)}), ${questions.length} of ${set.questions.length} questions in this run, from ${questions[0]?.id ?? 'none'} on; rows say on how many they rest. Intervals cover 95 % of ${resampleCount} resamples of the questions; differences are taken question by question.`,
    `Questions run side by side, so that about ${candidatesAtOnce} candidates decode at once: latencies are those of a busy machine, and seconds are each answer's part of its time. Rows at temperature 0 run once whatever the seeds. Cut off are answers that ran into their own bound; a thought that is closed at its cap is followed by an answer.`,
    ...controls.map(({ adaptive, fixed }) =>
      fixed.length === 0
        ? `No fixed cap comes to fewer tokens than ${adaptive.key}.`
        : `Controls of ${adaptive.key}: ${fixed.map(({ key }) => key).join(', ')}. Caps are chosen to come to 0.85, 1 and 1.15 times its generated tokens; those that would cut nothing off are left out.`,
    ),
  ];
}

function progressReporter(
  note: (line: string) => void,
  count: number,
): (trace: Pick<RawTrace, 'row' | 'isRight'>) => void {
  const startMs = performance.now();
  let done = 0;
  let right = 0;
  let notedMs = startMs;
  return ({ isRight }) => {
    done += 1;
    if (isRight) right += 1;
    const nowMs = performance.now();
    if (nowMs - notedMs < progressMs && done < count) return;
    notedMs = nowMs;
    const secondsLeft = ((nowMs - startMs) / done / 1000) * (count - done);
    note(`  ${done} of ${count} answers, ${right} right, about ${Math.ceil(secondsLeft / 60)} min left`);
  };
}
