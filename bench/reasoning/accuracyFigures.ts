import { defaultSettings } from '../../sidecar/settings.ts';
import type { ContrastFigure, Figure, StrategyFigure } from '../figure.ts';
import { offlineScores } from './offlineScores.ts';
import type { RawTrace } from './rawTrace.ts';
import { contrastScores, groupBy, scoresOf, summariseRow } from './rowSummary.ts';
import { isAdaptive, parseStrategyRow, type StrategyRow } from './strategyRow.ts';

/** Questions from which a row of an earlier run is worth showing again. */
const fewestQuestions = 20;

/** An adaptive row and those without difficulty that it is held against. */
export interface Control {
  readonly adaptive: StrategyRow;
  readonly fixed: readonly StrategyRow[];
}

/**
 * What the rows came to, each against the one that others are compared with, adaptive ones also against their controls,
 * and what other selectors and early stops would have come to. `asked` are this run's rows; those of earlier runs are
 * shown where they have enough questions. Pure.
 */
export function accuracyFigures(
  traces: readonly RawTrace[],
  {
    against,
    controls,
    asked,
  }: {
    readonly against: StrategyRow;
    readonly controls: readonly Control[];
    readonly asked: ReadonlySet<string>;
  },
): readonly Figure[] {
  const byRow = groupBy(traces, ({ row }) => row);
  const contrast = (subject: string, baseline: string): ContrastFigure | null =>
    contrastScores(
      { name: 'same questions', group: 'strategies', subjectName: subject, baselineName: baseline },
      scoresOf(byRow.get(subject) ?? []),
      scoresOf(byRow.get(baseline) ?? []),
    );
  // Caps that earlier runs came to belong to adaptive rows of then.
  const isShown = (key: string): boolean =>
    kindOf(key) !== 'fixedCap' && scoresOf(byRow.get(key) ?? []).length >= fewestQuestions;
  const keys = [...byRow.keys()].filter((key) => asked.has(key) || isShown(key));
  return [
    ...keys.map((key) => summariseRow(key, kindOf(key), byRow.get(key) ?? [])),
    ...keys.filter((key) => key !== against.key).map((key) => contrast(key, against.key)),
    ...controls.flatMap(({ adaptive, fixed }) => fixed.map(({ key }) => contrast(adaptive.key, key))),
    ...keys.flatMap((key) => offlineScores(key, byRow.get(key) ?? [])),
  ].filter((figure) => figure !== null);
}

function kindOf(key: string): StrategyFigure['kind'] {
  const row = parseStrategyRow(key);
  if (isAdaptive(row)) return 'adaptive';
  return row.request.maxThoughtTokens === defaultSettings.maxThoughtTokens ? 'plain' : 'fixedCap';
}
