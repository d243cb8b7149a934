import { difficultyClasses } from '../../../protocol/traceEvent.ts';
import type { ClassProfiles } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { parseStrategyRow, type StrategyRow } from './strategyRow.ts';

/**
 * What an adaptive row would do with all questions if nothing were decided: as many candidates as its classes have at most,
 * each with the whole budget, and all else as the row has it. Where all classes begin thoughts at their first step, also a row
 * that does so, since that is decided by no difficulty. Fixed caps are put on these. Pure.
 */
export function uncappedRows({ key, request }: StrategyRow, profiles: ClassProfiles): readonly StrategyRow[] {
  const ofClasses = difficultyClasses.map((difficulty) => profiles[difficulty]);
  const most = Math.max(...ofClasses.map(({ candidates }) => candidates));
  const candidates = Math.min(request.candidateCount, most);
  const others = key.split(':').filter((part) => part.includes('='));
  const way = candidates === 1 ? ['chainOfThought'] : ['selfConsistency', String(candidates)];
  const rowWith = (parts: readonly string[]): StrategyRow =>
    parseStrategyRow([...way, ...others, ...parts].join(':'));
  const isShared =
    request.choices.skipPreamble === undefined &&
    ofClasses.every(({ skipPreamble }) => skipPreamble === true);
  return [rowWith([]), ...(isShared ? [rowWith(['skipPreamble=on'])] : [])];
}
