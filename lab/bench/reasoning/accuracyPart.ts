import { type ClassProfiles, profilesFor } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { judgeOf } from '../../../sidecar/request/difficultyEstimator.ts';
import type { SuiteContext } from '../suites/suite.ts';
import { accuracyFigures } from './accuracyFigures.ts';
import { accuracyNotes } from './accuracyNotes.ts';
import type { Answerer, Attempt } from './answerAttempt.ts';
import { readTableFile, writeAutoTable } from './autoTableFile.ts';
import { controlsOf, shownRows } from './controls.ts';
import { fixedCaps } from './fixedCaps.ts';
import { judgeQuestions } from './judgeQuestions.ts';
import { requireUnseen, seenQuestions } from './probeTraining.ts';
import { programOf, type Question, type QuestionSet } from './questionSet.ts';
import { RawFile, rawFileOf } from './rawFile.ts';
import { gradedFor, type RawTrace } from './rawTrace.ts';
import type { ReasoningSuiteOptions } from './reasoningFlags.ts';
import { refuseMismatch } from './refuseMismatch.ts';
import { repairNotes } from './repairNotes.ts';
import { revisionsOf } from './revision.ts';
import { answersOf, routedFigures, routingNote } from './routedRows.ts';
import { runAttempts } from './runAttempts.ts';
import { capOf, isAdaptive, isSampled, type StrategyRow, withCap } from './strategyRow.ts';
import { uncappedRows } from './uncappedRows.ts';
import type { PartResult } from '../figure.ts';

/** Between two lines of progress. */
const progressMs = 10_000;

type AccuracyOptions = ReasoningSuiteOptions & { readonly probeFolders: readonly string[] };

/**
 * Answers the questions with every row, then with fixed caps around what the adaptive rows used, and scores all answers in the
 * raw file. Questions that it answers already are not asked again. Where it is asked for, it also works out what routing to a
 * larger model would give, and writes the table of `auto`.
 */
export async function accuracyPart(
  context: Pick<SuiteContext, 'note' | 'signal'>,
  answerer: Answerer,
  options: AccuracyOptions,
  set: QuestionSet,
): Promise<PartResult> {
  const { identity } = answerer.model.info;
  const { against, routeTo, rawFolder, tableFile } = options;
  const work = await openAnswers(context, answerer, options, set);
  const { questions, profiles, current } = work;
  const larger =
    routeTo === null ? null : { name: routeTo, traces: await answersOf(routeTo, set, rawFolder) };
  const { rows, capped } = await answerWithCaps(work, options.rows);
  const shown = shownRows(current(), [...rows, ...capped]);
  const controls = controlsOf(shown, profiles);
  const seen =
    controls.length === 0 && larger === null
      ? []
      : await seenQuestions(questions, options.probeFolders, answerer.model.info);
  const smaller = { name: identity.name, traces: current() };
  return {
    figures: [
      ...accuracyFigures(current(), { against, shown, controls, named: options.rows }),
      ...(larger === null ? [] : options.rows.flatMap(({ key }) => routedFigures(key, smaller, larger))),
    ],
    notes: [
      ...accuracyNotes(set, questions, { controls, seen }),
      ...repairNotes(current(), rows),
      ...(larger === null ? [] : [routingNote]),
      ...(tableFile === null
        ? []
        : await judgedTable(context, answerer, { work, rows, tableFile, against, setName: set.name })),
    ],
  };
}

/** The questions of a run, and their answers so far. */
interface AnswerWork {
  readonly questions: readonly Question[];
  readonly profiles: ClassProfiles;
  /** What was answered of this run's questions, in this run or before it. */
  readonly current: () => readonly RawTrace[];
  /** Answers what is not answered yet, and writes it to the raw file. */
  readonly answerAll: (rows: readonly StrategyRow[]) => Promise<void>;
}

async function openAnswers(
  { note, signal }: Pick<SuiteContext, 'note' | 'signal'>,
  answerer: Answerer,
  options: AccuracyOptions,
  set: QuestionSet,
): Promise<AnswerWork> {
  const { identity } = answerer.model.info;
  const { probeFolders, tableFile, seeds } = options;
  const path = rawFileOf(set, identity, options.rawFolder);
  const raw = await RawFile.open(path);
  const profiles = profilesFor(answerer.tables, identity.hash, judgeOf(answerer.estimator));
  const questions = set.questions.slice(options.from, options.from + options.limit);
  const hasPrograms = questions.some((question) => programOf(question) !== null);
  const revisionOf = await revisionsOf(answerer, { probeFolders, hasPrograms });
  refuseMismatch(questions, options);
  if (tableFile !== null) {
    // Before hours of answers, not after them.
    await readTableFile(tableFile);
    await requireUnseen(questions, probeFolders, answerer.model.info);
  }
  note(`  Answers are kept in ${path}`);
  const current = (): readonly RawTrace[] =>
    gradedFor(
      questions,
      raw.traces.filter(({ row, revision }) => revision === revisionOf(row)),
    );
  const answerAll = async (rows: readonly StrategyRow[]): Promise<void> => {
    const attempts = missingAttempts(rows, questions, { seeds, profiles, done: current() });
    const report = progressReporter(note, attempts.length);
    const onDone = async (trace: Omit<RawTrace, 'revision'>): Promise<void> => {
      await raw.add({ ...trace, revision: revisionOf(trace.row) });
      report(trace);
    };
    await runAttempts(answerer, attempts, { now: () => performance.now(), onDone }, signal);
  };
  return { questions, profiles, current, answerAll };
}

/** Answers with these rows, and with fixed caps around what the adaptive ones among them used. */
async function answerWithCaps(
  { profiles, current, answerAll }: AnswerWork,
  named: readonly StrategyRow[],
): Promise<{ readonly rows: readonly StrategyRow[]; readonly capped: readonly StrategyRow[] }> {
  const uncapped = named
    .filter(isAdaptive)
    .map((adaptive) => ({ adaptive, plain: uncappedRows(adaptive, profiles) }));
  const rows = uniqueRows([...named, ...uncapped.flatMap(({ plain }) => plain)]);
  await answerAll(rows);
  const capsOf = (adaptive: StrategyRow, plain: StrategyRow): readonly StrategyRow[] =>
    fixedCaps(tracesOf(current(), adaptive), tracesOf(current(), plain))
      .filter((cap) => cap < capOf(plain))
      .map((cap) => withCap(plain, cap));
  const capped = uncapped.flatMap(({ adaptive, plain }) => plain.flatMap((row) => capsOf(adaptive, row)));
  await answerAll(uniqueRows(capped));
  return { rows, capped };
}

/** Judges the questions and writes the table of `auto` from what the rows scored. Returns notes. */
async function judgedTable(
  { note, signal }: Pick<SuiteContext, 'note' | 'signal'>,
  answerer: Answerer,
  {
    work: { questions, current },
    rows,
    tableFile,
    against,
    setName,
  }: Pick<ReasoningSuiteOptions, 'against'> & {
    readonly work: AnswerWork;
    readonly rows: readonly StrategyRow[];
    readonly tableFile: string;
    readonly setName: string;
  },
): Promise<readonly string[]> {
  note('  The questions are judged, one after another');
  const model = answerer.model.info.identity;
  const judge = judgeOf(answerer.estimator);
  const classOf = await judgeQuestions(answerer, questions, signal);
  const ofRows = current().filter(({ row }) => rows.some(({ key }) => key === row));
  return writeAutoTable(tableFile, { model, setName, against, judge, classOf }, ofRows);
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
