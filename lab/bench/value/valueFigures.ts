import type { AllocationRules } from '../../../sidecar/reasoning/value/allocation.ts';
import type { ReplayedQuestion } from '../../calibrate/valueHead/valueReplay.ts';
import { type PlaceReport, reportOn } from '../../calibrate/valueHead/valueHeadReport.ts';
import type { ContrastFigure, Figure, SingleFigure } from '../figure.ts';
import { contrastScores, type QuestionScore } from '../reasoning/rowSummary.ts';
import type { JudgedQuestions } from './judgedQuestions.ts';
import { type SampledWay, waysToChoose, waysToStop } from './sampledOutcomes.ts';

/**
 * How well a head's values part right candidates from wrong ones, how many of those it gave so much were right, and what choosing and
 * stopping by it would have given, each against the majority of all candidates of the same questions. Pure.
 */
export function valueFigures(judged: JudgedQuestions, rules: AllocationRules): readonly Figure[] {
  const { places, voteShare } = reportOn(judged.questions, judged.examples);
  const { answer, lineEnd } = places;
  const area = (name: string, value: number, basis: string): SingleFigure => {
    return { type: 'single', name, unit: 'share', value, basis };
  };
  const answers = `${answer.exampleCount} answers`;
  return [
    ...lossFigures('at answers', answer),
    ...lossFigures('at line ends', lineEnd),
    area(
      'AUROC at answers, over all',
      answer.head.overAll,
      `${answers}; vote share ${text(voteShare.overAll)}`,
    ),
    area(
      'AUROC at answers, within a question',
      answer.head.withinQuestion,
      `questions with right and wrong ones; vote share ${text(voteShare.withinQuestion)}`,
    ),
    area('AUROC at line ends, over all', lineEnd.head.overAll, `${lineEnd.exampleCount} line ends`),
    ...calibrationFigures(answer),
    ...wayFigures(judged, rules),
  ];
}

function lossFigures(
  where: string,
  { lossNats, constantLossNats, gain, exampleCount }: PlaceReport,
): readonly SingleFigure[] {
  const interval = gain === null ? '' : `; less a constant’s ${text(gain.low)} to ${text(gain.high)}, 95 %`;
  return [
    {
      type: 'single',
      name: `log-loss ${where}`,
      unit: 'nats',
      value: lossNats,
      basis: `mean of ${exampleCount}; of a constant ${text(constantLossNats)}${interval}`,
    },
  ];
}

/** A row for each tenth of P(right) that has answers. */
function calibrationFigures({ reliability, calibrationError }: PlaceReport): readonly SingleFigure[] {
  const error: SingleFigure = {
    type: 'single',
    name: 'calibration error at answers',
    unit: 'share',
    value: calibrationError,
    basis: 'mean distance of P(right) from the share that is right',
  };
  const rows = reliability
    .filter(({ count }) => count > 0)
    .map(({ from, count, confidence, accuracy }): SingleFigure => {
      const name = `answers given ${from.toFixed(1)} to ${(from + 0.1).toFixed(1)}: right`;
      const basis = `${Math.round(accuracy * count)} of ${count}; mean P(right) ${text(confidence)}`;
      return { type: 'single', name, unit: 'share', value: accuracy, basis };
    });
  return [error, ...rows];
}

function wayFigures({ questions, replayed }: JudgedQuestions, rules: AllocationRules): readonly Figure[] {
  const most = Math.max(0, ...replayed.map((candidates) => candidates.length));
  const scoresOf = (way: SampledWay): readonly QuestionScore[] =>
    replayed.map((candidates, index) => scoreOf(String(questions[index]?.id), candidates, way));
  const { majority, ...choices } = waysToChoose(rules);
  if (majority === undefined) return [];
  const baseline = scoresOf(majority);
  const against = (
    group: ContrastFigure['group'],
    ways: Readonly<Record<string, SampledWay>>,
  ): readonly (ContrastFigure | null)[] =>
    Object.entries(ways).map(([subjectName, way]) =>
      contrastScores(
        { name: `${most} candidates`, group, subjectName, baselineName: 'majority' },
        scoresOf(way),
        baseline,
      ),
    );
  return [...against('selectors', choices), ...against('earlyStops', waysToStop(rules, most))].filter(
    (figure) => figure !== null,
  );
}

function scoreOf(questionId: string, candidates: ReplayedQuestion, way: SampledWay): QuestionScore {
  const { isRight, tokens } = way(candidates);
  return { questionId, accuracy: isRight ? 1 : 0, tokens, seconds: 0 };
}

function text(value: number): string {
  return value.toFixed(3).replace('-', '−');
}
