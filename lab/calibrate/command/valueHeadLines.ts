import { markdownTable } from '../markdownTable.ts';
import type { MadeValueHead } from '../valueHead/makeValueHead.ts';
import type { PlaceReport, ValueHeadReport } from '../valueHead/valueHeadReport.ts';

/** How a head did on questions that it never saw, for a reader. Pure. */
export function valueReportLines({ questionCount, places, voteShare }: ValueHeadReport): readonly string[] {
  const { answer, lineEnd } = places;
  const bins = answer.reliability.filter(({ count }) => count > 0);
  return [
    `${questionCount} questions, ${answer.exampleCount} answers, ${(100 * answer.correctShare).toFixed(1)} % right; each judged ` +
      'by a head that never saw its question',
    '',
    ...markdownTable(
      ['read at', 'points', 'log-loss', 'constant', 'difference (95 %)', 'AUROC', 'within a question'],
      [
        ['answers', ...cellsOf(answer)],
        ['line ends', ...cellsOf(lineEnd)],
        ['vote share', '', '', '', '', voteShare.overAll.toFixed(3), voteShare.withinQuestion.toFixed(3)],
      ],
    ),
    '',
    ...markdownTable(
      ['P(right) at the answer', 'answers', 'mean P', 'right'],
      bins.map(({ from, count, confidence, accuracy }) => [
        `${from.toFixed(1)} to ${(from + 0.1).toFixed(1)}`,
        String(count),
        confidence.toFixed(2),
        accuracy.toFixed(2),
      ]),
    ),
  ];
}

/** What was fitted, and the rules of its use. Pure. */
export function valueHeadLines({ fitted, rules: use }: MadeValueHead): readonly string[] {
  const { rules, fullVote, weightedVote, allocated } = use;
  const shape = (place: 'answer' | 'lineEnd'): string => {
    const { componentCount, lambda } = fitted.shapes[place];
    return `${componentCount} components, λ ${lambda}`;
  };
  const heads =
    fitted.kind === 'one'
      ? `one head (${shape('answer')})`
      : `a head for answers (${shape('answer')}) and one for line ends (${shape('lineEnd')})`;
  const rows = [
    { name: 'all candidates, each one vote', result: fullVote },
    { name: `all candidates, weighed with κ = ${rules.kappa}`, result: weightedVote },
    { name: 'one after another until it is settled or hopeless', result: allocated },
  ];
  return [
    '',
    `Chosen by log-loss: ${heads}`,
    `Stops at P ≥ ${rules.settledAt}, or below ${rules.hopelessBelow} right answers a thousand tokens.`,
    'On the questions that these rules were chosen by, so not a figure for others:',
    '',
    ...markdownTable(
      ['rule', 'right', 'tokens', 'candidates'],
      rows.map(({ name, result }) => [
        name,
        result.accuracy.toFixed(3),
        result.meanTokens.toFixed(0),
        result.meanCandidates.toFixed(2),
      ]),
    ),
  ];
}

function cellsOf({ exampleCount, lossNats, constantLossNats, gain, head }: PlaceReport): readonly string[] {
  return [
    String(exampleCount),
    lossNats.toFixed(4),
    constantLossNats.toFixed(4),
    gain === null ? '' : `${gain.estimate.toFixed(4)} (${gain.low.toFixed(4)} to ${gain.high.toFixed(4)})`,
    head.overAll.toFixed(3),
    head.withinQuestion.toFixed(3),
  ];
}
