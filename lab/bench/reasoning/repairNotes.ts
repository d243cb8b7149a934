import { generatedTokenCount } from '../../../protocol/budget.ts';
import { counted } from '../../../protocol/counted.ts';
import { mean } from '../../../sidecar/numeric/mean.ts';
import type { RawTrace } from './rawTrace.ts';
import type { StrategyRow } from './strategyRow.ts';

/** What repairs did, for each row that repairs. A repair is the candidate after all others. Pure. */
export function repairNotes(traces: readonly RawTrace[], rows: readonly StrategyRow[]): readonly string[] {
  return rows.flatMap(({ key, request: { strategy, candidateCount } }) => {
    const own = traces.filter(({ row }) => row === key);
    const repairs = own.flatMap(({ candidates }) => {
      const selected = candidates.find(({ isSelected }) => isSelected);
      return candidates.slice(candidateCount).map((repair) => ({ ...repair, selected }));
    });
    if (strategy !== 'directBestOfN' || repairs.length === 0) return [];
    const chosen = repairs.filter(({ isSelected }) => isSelected);
    const same = repairs.filter(
      ({ isSelected, answer, selected }) => !isSelected && answer === selected?.answer,
    );
    const spent = mean(own.map(({ ledger }) => generatedTokenCount(ledger)));
    const repairTokens = repairs.reduce((sum, { answerTokens }) => sum + answerTokens, 0);
    return [
      `${key} repaired a program in ${repairs.length} of ${counted(own.length, 'question')}. ` +
        `Repairs chosen: ${chosen.length}, right: ${chosen.filter(({ isRight }) => isRight).length}. ` +
        `Repairs that wrote the chosen program again: ${same.length}. ` +
        `Tokens of a question without repairs: ${Math.round(spent - repairTokens / own.length)}.`,
    ];
  });
}
