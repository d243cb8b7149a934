import type { Attachment } from '../../../protocol/attachment.ts';
import { asksForCode } from '../../prompts/codeRequest.ts';
import { type DifficultyEstimator, judgeOf } from '../../request/difficultyEstimator.ts';
import { type AutoTable, type ClassProfiles, codeProfiles, profilesFor } from './autoTable.ts';
import { codeRequestRule, codeRule } from './codeRule.ts';
import { codeSignals } from './codeSignals.ts';

/**
 * Who judges a question, and what its classes lead to. The model's own estimator and row are fitted to questions that end
 * in an answer; those about code, or asking for some, have theirs, whatever the model. Pure.
 */
export function judgeBySubject(
  { question, attachment }: { readonly question: string; readonly attachment: Attachment | null },
  options: {
    readonly estimator: DifficultyEstimator;
    /** The first that says something counts. */
    readonly tables: readonly AutoTable[];
    readonly modelHash: string;
  },
): { readonly estimator: DifficultyEstimator; readonly profiles: ClassProfiles } {
  const { estimator, tables, modelHash } = options;
  if (attachment !== null)
    return { estimator: codeRule(codeSignals(attachment)), profiles: codeProfiles(tables) };
  if (asksForCode(question)) return { estimator: codeRequestRule(question), profiles: codeProfiles(tables) };
  return { estimator, profiles: profilesFor(tables, modelHash, judgeOf(estimator)) };
}
