import { generatedTokenCount } from '../../../protocol/budget.ts';
import { counted } from '../../../protocol/counted.ts';
import { mean } from '../../../sidecar/numeric/mean.ts';
import type { RawTrace } from './rawTrace.ts';
import type { StrategyRow } from './strategyRow.ts';

/**
 * What repairs did, for each row that repairs. A repair is the candidate after all others. Without it the answer differs only if it
 * was chosen, or if its vote decided. Pure.
 */
export function repairNotes(traces: readonly RawTrace[], rows: readonly StrategyRow[]): readonly string[] {
  return rows.flatMap(({ key, request: { strategy, candidateCount } }) => {
    const own = traces.filter(({ row }) => row === key);
    const repaired = own.filter(({ candidates }) => candidates.length > candidateCount);
    if (strategy !== 'directBestOfN' || repaired.length === 0) return [];
    const repairs = repaired.flatMap(({ candidates }) => candidates.slice(candidateCount));
    const chosen = repairs.filter(({ isSelected }) => isSelected);
    const changed = repaired.filter((trace) => !isSameWithout(trace, candidateCount)).length;
    const spent = mean(own.map(({ ledger }) => generatedTokenCount(ledger)));
    const repairTokens = repairs.reduce((sum, { answerTokens }) => sum + answerTokens, 0);
    const without = Math.round(spent - repairTokens / own.length);
    return [
      `${key} repaired a program in ${repaired.length} of ${counted(own.length, 'question')}. ` +
        `Repairs chosen: ${chosen.length}, right: ${chosen.filter(({ isRight }) => isRight).length}. ` +
        `Answers that might differ without repairs: ${changed}. Tokens of a question without repairs: ${without}.`,
    ];
  });
}

/** Whether the answer of a question is the same without the candidates after the first ones. */
function isSameWithout({ candidates }: RawTrace, count: number): boolean {
  const selected = candidates.find(({ isSelected }) => isSelected);
  const first = candidates.slice(0, count);
  if (selected === undefined || !first.includes(selected)) return false;
  const answers = new Set(candidates.slice(count).map(({ answer }) => answer));
  if (!first.some(({ answer }) => answers.has(answer))) return true;
  const votesOf = (answer: string | null): number => first.filter((other) => other.answer === answer).length;
  const others = first.filter(({ answer }) => answer !== selected.answer);
  return others.every(({ answer }) => votesOf(answer) < votesOf(selected.answer));
}
