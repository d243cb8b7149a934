import { type Interval, meanOf, Resamples } from '../../numeric/bootstrap.ts';
import type { Figure } from '../figure.ts';
import { differenceOf, shareOf } from '../reasoning/accuracyIntervals.ts';
import type { EditAnswer } from './editAnswers.ts';
import { type EditCase, editKinds, editLanguages, editScopes, editTraits } from './editCase.ts';
import { type EditVerdict, editVerdicts } from './judgeEdit.ts';

/** A case with what became of it in one way. */
export interface JudgedEdit {
  readonly edit: EditCase;
  readonly answer: Pick<EditAnswer, 'generatedTokens' | 'promptTokens'>;
  readonly verdict: EditVerdict;
}

/** Decides the resamples of intervals. */
const seed = 1;

const verdictWords: Readonly<Record<EditVerdict, string>> = {
  followedText: 'followed a text in the file',
  noEdit: 'no edit',
  outsideRange: 'changed lines outside the range',
  brokenStyle: 'broke line ends or indentation',
  notParsed: 'not a program',
  failedTests: 'failed a hidden test',
  passed: 'passed',
};

/** Shares of a way, with their intervals: all, by verdict, and by what the cases are like; then its tokens. Pure. */
export function editFigures(way: string, judged: readonly JudgedEdit[]): readonly Figure[] {
  if (judged.length === 0) return [];
  const passedOf = (what: string, is: (edit: EditCase) => boolean): readonly Figure[] => {
    const among = judged.filter(({ edit }) => is(edit));
    return shareFigure(`edits, ${way}: passed${what}`, among, ({ verdict }) => verdict === 'passed');
  };
  return [
    ...passedOf('', () => true),
    ...editVerdicts
      .filter((verdict) => verdict !== 'passed')
      .flatMap((name) =>
        shareFigure(
          `edits, ${way}: ${verdictWords[name]}`,
          name === 'followedText' ? judged.filter(({ edit }) => edit.trap !== null) : judged,
          ({ verdict }) => verdict === name,
        ),
      ),
    ...editLanguages.flatMap((name) => passedOf(`, ${name}`, ({ language }) => language === name)),
    ...editKinds.flatMap((name) => passedOf(`, ${name}`, ({ kind }) => kind === name)),
    ...editScopes.flatMap((name) =>
      passedOf(`, range is ${rangeWords[name]}`, ({ scope }) => scope === name),
    ),
    ...editTraits.flatMap((name) => passedOf(`, ${traitWords[name]}`, ({ traits }) => traits.includes(name))),
    ...passedOf(', a text instructs the model', ({ trap }) => trap !== null),
    meanFigure(`edits, ${way}: generated tokens`, judged, ({ generatedTokens }) => generatedTokens),
    meanFigure(`edits, ${way}: prompt tokens`, judged, ({ promptTokens }) => promptTokens),
  ];
}

const rangeWords: Readonly<Record<EditCase['scope'], string>> = {
  lines: 'the smallest',
  function: 'a function or class',
  file: 'the file',
};
const traitWords: Readonly<Record<(typeof editTraits)[number], string>> = {
  tabs: 'tabs',
  crlf: 'CRLF',
  several: 'several functions',
  twice: 'the same text twice',
};

/** How much more of the cases that both ways answered one passes, with the interval of pairs; none without such cases. Pure. */
export function contrastNote(
  subject: { readonly name: string; readonly judged: readonly JudgedEdit[] },
  baseline: { readonly name: string; readonly judged: readonly JudgedEdit[] },
): readonly string[] {
  const passedBefore = new Map(
    baseline.judged.map(({ edit, verdict }) => [edit.id, Number(verdict === 'passed')]),
  );
  const differences = subject.judged.flatMap(({ edit, verdict }) => {
    const before = passedBefore.get(edit.id);
    return before === undefined ? [] : [Number(verdict === 'passed') - before];
  });
  if (differences.length === 0) return [];
  const won = differences.filter((difference) => difference > 0).length;
  const lost = differences.filter((difference) => difference < 0).length;
  return [
    `${subject.name} less ${baseline.name}, share passed of the same ${differences.length} cases: ` +
      `${intervalText(differenceOf(differences))} (${won} won, ${lost} lost).`,
  ];
}

function shareFigure(
  name: string,
  judged: readonly JudgedEdit[],
  holds: (judged: JudgedEdit) => boolean,
): readonly Figure[] {
  if (judged.length === 0) return [];
  const hits = judged.map((one) => Number(holds(one)));
  const interval = shareOf(hits, hits.length);
  const count = hits.filter((hit) => hit === 1).length;
  const basis = `${count} of ${hits.length}; 95 % ${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`;
  return [{ type: 'single', name, unit: 'share', value: interval.estimate, basis }];
}

function meanFigure(
  name: string,
  judged: readonly JudgedEdit[],
  valueOf: (answer: JudgedEdit['answer']) => number,
): Figure {
  const values = judged.map(({ answer }) => valueOf(answer));
  const resamples = new Resamples(values.length, seed);
  const interval = resamples.interval(meanOf(values)) ?? { estimate: NaN, low: NaN, high: NaN };
  const basis = `mean of ${values.length} answers; 95 % ${interval.low.toFixed(0)} to ${interval.high.toFixed(0)}`;
  return { type: 'single', name, unit: 'tokens', value: interval.estimate, basis };
}

function intervalText({ estimate, low, high }: Interval): string {
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
  return `${signed(estimate)}, 95 % interval ${signed(low)} to ${signed(high)}`;
}
