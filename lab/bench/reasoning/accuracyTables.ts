import { type Purpose, purposes } from '../../../protocol/budget.ts';
import { purposeWords } from '../../../protocol/traceWords.ts';
import type { Interval } from '../../numeric/bootstrap.ts';
import type { ContrastFigure, Figure, StrategyFigure } from '../figure.ts';

/** A table as its head and its rows of cells. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Tables of results: first each way to answer, then the comparisons by kind. Pure. */
export function accuracyTables(figures: readonly Figure[]): readonly Table[] {
  const strategies = figures.filter((figure) => figure.type === 'strategy');
  const spent = purposes.filter((purpose) =>
    strategies.some((row) => row.tokensByPurpose[purpose].estimate > 0),
  );
  const contrasts = figures.filter((figure) => figure.type === 'contrast');
  const of = (group: ContrastFigure['group']): readonly (readonly string[])[] =>
    contrasts.filter((figure) => figure.group === group).map(contrastRow);
  const compared = ['right', 'difference in points', 'tokens, ratio', 'questions'];
  return [
    {
      head: [
        'strategy',
        'right',
        'tokens',
        'tokens a right answer',
        'seconds a right answer',
        'cut off',
        'questions × seeds',
      ],
      rows: strategies.map(strategyRow),
    },
    {
      head: [
        'mean tokens of',
        ...spent.map((purpose) => purposeWords[purpose].name.toLowerCase()),
        'latency, median',
        'latency, 90 %',
      ],
      rows: strategies.map((figure) => costRow(figure, spent)),
    },
    { head: ['on the same questions', ...compared], rows: of('strategies') },
    { head: ['selectors on the same candidates', ...compared], rows: of('selectors') },
    { head: ['early stops on the same candidates', ...compared], rows: of('earlyStops') },
  ];
}

function strategyRow(figure: StrategyFigure): readonly string[] {
  const { questions, runs } = figure;
  return [
    `\`${figure.name}\`${figure.kind === 'fixedCap' ? ' (fixed cap)' : ''}`,
    share(figure.accuracy),
    interval(figure.generatedTokens, 0),
    interval(figure.tokensPerCorrect, 0),
    interval(figure.secondsPerCorrect, 1),
    share(figure.truncatedShare, 0),
    `${questions} × ${Math.round(runs / questions)}`,
  ];
}

function costRow(
  { name, tokensByPurpose, latencyMs }: StrategyFigure,
  spent: readonly Purpose[],
): readonly string[] {
  const seconds = ({ estimate, low, high }: Interval): string =>
    `${interval({ estimate: estimate / 1000, low: low / 1000, high: high / 1000 }, 1)} s`;
  return [
    `\`${name}\``,
    ...spent.map((purpose) => interval(tokensByPurpose[purpose], 0)),
    seconds(latencyMs.median),
    seconds(latencyMs.p90),
  ];
}

function contrastRow(figure: ContrastFigure): readonly string[] {
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const { estimate, low, high } = figure.accuracyDifference;
  const points = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(100 * value).toFixed(1)}`;
  return [
    `${figure.group === 'strategies' ? '' : `\`${figure.name}\`: `}\`${figure.subjectName}\` against \`${figure.baselineName}\``,
    `${percent(figure.accuracy)} against ${percent(figure.baselineAccuracy)}`,
    `${points(estimate)} (${points(low)} to ${points(high)})`,
    interval(figure.tokenRatio, 2),
    String(figure.questions),
  ];
}

function share({ estimate, low, high }: Interval, decimals = 1): string {
  return `${interval({ estimate: 100 * estimate, low: 100 * low, high: 100 * high }, decimals)} %`;
}

/** Null where nothing is known. */
function interval(value: Interval | null, decimals: number): string {
  if (value === null) return 'too few';
  const [estimate, low, high] = [value.estimate, value.low, value.high].map((v) => v.toFixed(decimals));
  return `${estimate ?? ''} (${low ?? ''} to ${high ?? ''})`;
}
