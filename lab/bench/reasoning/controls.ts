import type { ClassProfiles } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { fewestQuestions } from '../../../sidecar/request/losesLittle.ts';
import type { RawTrace } from './rawTrace.ts';
import { groupBy, questionScores } from './rowSummary.ts';
import { capOf, isAdaptive, parseStrategyRow, type StrategyRow, withCap } from './strategyRow.ts';
import { uncappedRows } from './uncappedRows.ts';

/** An adaptive row and its controls, which are decided by no difficulty. */
export interface Control {
  readonly adaptive: StrategyRow;
  /** What it would do with all questions if nothing were decided. */
  readonly uncapped: readonly StrategyRow[];
  /** The same with a cap on each thought. */
  readonly capped: readonly StrategyRow[];
}

/** Rows with answers that a report shows: this run's, and those of earlier runs with enough questions. Pure. */
export function shownRows(
  traces: readonly RawTrace[],
  asked: readonly StrategyRow[],
): readonly StrategyRow[] {
  const askedKeys = new Set(asked.map(({ key }) => key));
  return [...groupBy(traces, ({ row }) => row)]
    .filter(([key, ofRow]) => askedKeys.has(key) || questionScores(ofRow).length >= fewestQuestions)
    .map(([key]) => parseStrategyRow(key));
}

/**
 * Finds the controls of each adaptive row among these rows. Caps are all that there are, those that earlier runs reached or asked
 * for among them: nobody noted whose they were. Pure.
 */
export function controlsOf(shown: readonly StrategyRow[], profiles: ClassProfiles): readonly Control[] {
  return shown.filter(isAdaptive).map((adaptive) => {
    const plain = uncappedRows(adaptive, profiles);
    return {
      adaptive,
      uncapped: shown.filter((row) => plain.some(({ key }) => key === row.key)),
      capped: shown.filter((row) => plain.some((one) => isCapped(row, one))),
    };
  });
}

/** Whether it is the other row with a lower cap. */
function isCapped(row: StrategyRow, plain: StrategyRow): boolean {
  const cap = capOf(row);
  return cap < capOf(plain) && withCap(plain, cap).key === row.key;
}
