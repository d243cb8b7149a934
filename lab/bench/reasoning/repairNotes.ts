import { generatedTokenCount } from '../../../protocol/budget.ts';
import { counted } from '../../../protocol/counted.ts';
import { mean } from '../../../sidecar/numeric/mean.ts';
import type { RawTrace } from './rawTrace.ts';
import type { StrategyRow } from './strategyRow.ts';

/**
 * What repairs came to, a sentence or two for each row that repairs. A repair is the candidate after all others, written once those have
 * failed, so that where it is not chosen the answer is the one that the row would give without repairs. Pure.
 */
export function repairNotes(traces: readonly RawTrace[], rows: readonly StrategyRow[]): readonly string[] {
  return rows.flatMap(({ key, request }) => {
    const own = traces.filter(({ row }) => row === key);
    const repairs = own.flatMap(({ candidates }) => candidates.slice(request.candidateCount));
    if (request.strategy !== 'directBestOfN' || repairs.length === 0) return [];
    const chosen = repairs.filter(({ isSelected }) => isSelected);
    const right = chosen.filter(({ isRight }) => isRight).length;
    const spent = mean(own.map(({ ledger }) => generatedTokenCount(ledger)));
    const repairTokens = repairs.reduce((sum, { answerTokens }) => sum + answerTokens, 0);
    const without = Math.round(spent - repairTokens / own.length);
    const outcome =
      chosen.length === 0
        ? 'None was chosen, so without repairs the answers are the same'
        : `${counted(chosen.length, 'repair')} chosen, ${right} right; without repairs the other answers are the same`;
    return [
      `${key} wrote ${counted(repairs.length, 'program')} of ${own.length} anew. ${outcome}, at ${without} tokens a question.`,
    ];
  });
}
