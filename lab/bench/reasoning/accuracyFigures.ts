import type { ContrastFigure, Figure, StrategyFigure } from '../figure.ts';
import type { Control } from './controls.ts';
import { offlineScores } from './offlineScores.ts';
import type { RawTrace } from './rawTrace.ts';
import { contrastScores, groupBy, questionScores, summariseRow } from './rowSummary.ts';
import { isAdaptive, type StrategyRow } from './strategyRow.ts';

/**
 * Results of the rows, each against the one that others are compared with, adaptive ones also against their controls,
 * and what other selectors and early stops would have come to. Rows that were `named` are shown as such, though they be
 * controls, too. Pure.
 */
export function accuracyFigures(
  traces: readonly RawTrace[],
  {
    against,
    shown,
    controls,
    named,
  }: {
    readonly against: StrategyRow;
    readonly shown: readonly StrategyRow[];
    readonly controls: readonly Control[];
    readonly named: readonly StrategyRow[];
  },
): readonly Figure[] {
  const byRow = groupBy(traces, ({ row }) => row);
  const contrast = (subject: StrategyRow, baseline: StrategyRow): ContrastFigure | null =>
    contrastScores(
      {
        name: 'same questions',
        group: 'strategies',
        subjectName: subject.key,
        baselineName: baseline.key,
      },
      questionScores(byRow.get(subject.key) ?? []),
      questionScores(byRow.get(baseline.key) ?? []),
    );
  const isOther = ({ key }: StrategyRow): boolean => key !== against.key;
  const namedKeys = new Set(named.map(({ key }) => key));
  const cappedKeys = new Set(controls.flatMap(({ capped }) => capped.map(({ key }) => key)));
  const kindOf = (row: StrategyRow): StrategyFigure['kind'] => {
    if (isAdaptive(row)) return 'adaptive';
    return cappedKeys.has(row.key) && !namedKeys.has(row.key) ? 'fixedCap' : 'plain';
  };
  return [
    ...shown.map((row) => summariseRow(row.key, kindOf(row), byRow.get(row.key) ?? [])),
    ...shown.filter(isOther).map((row) => contrast(row, against)),
    ...controls.flatMap(({ adaptive, uncapped, capped }) =>
      // What all classes share is compared without a cap, too.
      [...uncapped, ...capped].filter(isOther).map((row) => contrast(adaptive, row)),
    ),
    ...shown.flatMap(({ key }) => offlineScores(key, byRow.get(key) ?? [])),
  ].filter((figure) => figure !== null);
}
