import { difficultyClasses, type ClassOffer, type DifficultyClass } from '../../../protocol/traceEvent.ts';
import { overrideProfiles, type ClassProfiles } from './autoTable.ts';

/**
 * What classes lead to where the user sets them: `easy` answers directly, `normal` is what the model's own row has, and
 * `hard` is a vote whose thoughts begin as that row's do. Pure.
 */
export function profilesByUser(row: ClassProfiles): ClassProfiles {
  const { easy, hard } = overrideProfiles;
  const { skipPreamble } = row.normal;
  return {
    easy,
    normal: row.normal,
    hard: { ...hard, ...(skipPreamble !== undefined && { skipPreamble }) },
  };
}

/** What the user may set a question's class to, and what each is expected to take. Pure. */
export function offersFor(row: ClassProfiles, modelHash: string): readonly ClassOffer[] {
  const profiles = profilesByUser(row);
  return difficultyClasses.map((difficulty) => {
    const { strategy, candidates } = profiles[difficulty];
    return { difficulty, strategy, candidates, tokenRatio: tokenRatioOf(difficulty, modelHash) };
  });
}

/** Candidates that a class asks for where the user sets the class and not their number. Pure. */
export function candidatesByUser(difficulty: DifficultyClass): number {
  return difficulty === 'normal' ? 1 : overrideProfiles[difficulty].candidates;
}

function tokenRatioOf(difficulty: DifficultyClass, modelHash: string): number | null {
  if (difficulty === 'normal') return 1;
  const { tokenRatios } = overrideProfiles[difficulty];
  return (Object.hasOwn(tokenRatios, modelHash) ? tokenRatios[modelHash] : undefined) ?? null;
}
