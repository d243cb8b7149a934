import { UsageError } from '../../../sidecar/cli/command.ts';
import { programOf, type Question } from './questionSet.ts';
import type { ReasoningSuiteOptions } from './reasoningFlags.ts';
import { isAdaptive } from './strategyRow.ts';

/** Throws `UsageError` for rows and tables that would measure something else on these questions than they say. */
export function refuseMismatch(
  questions: readonly Question[],
  { rows, tableFile }: Pick<ReasoningSuiteOptions, 'rows' | 'tableFile'>,
): void {
  const byTests = rows.find(
    ({ request }) => request.choices.selector === 'verifiedCode' || request.strategy === 'directBestOfN',
  );
  if (questions.every((question) => programOf(question) === null)) {
    if (byTests === undefined) return;
    throw new UsageError(
      `${byTests.key} would count votes: this set asks for no programs that could be tested.`,
    );
  }
  const adaptive = rows.find(isAdaptive);
  if (adaptive !== undefined)
    throw new UsageError(
      `${adaptive.key} answers requests for a program directly, so direct is its row here.`,
    );
  if (tableFile !== null)
    throw new UsageError(
      '--write-table takes a set of questions with answers: a table says what pays for those.',
    );
}
