import type { ProgramFailure } from '../../prompts/repairPrompt.ts';
import { languageIdOf } from '../../verify/codeLanguage.ts';
import type { CandidateCode } from '../../verify/placeCode.ts';
import { writtenCode } from '../answers/writtenCode.ts';
import { type AnswerGroup, compareEqualGroups, groupsOf } from './answerGroups.ts';
import type { Ballot } from './selector.ts';

/** All candidates that wrote the same code, and what is known of it. */
export interface CodeGroup {
  readonly group: AnswerGroup;
  readonly code: CandidateCode;
  /** Whether a parser found errors. Code that no parser has read ranks nobody lower. */
  readonly isBroken: boolean;
  readonly test: 'failed' | 'untested' | 'passed';
  /** Whether it is what was there already, as a test found that was to try it. */
  readonly changesNothing: boolean;
  /** What a parser or its test says against it; null where neither does. */
  readonly failure: ProgramFailure | null;
}

/** Candidates by the code they wrote, the block that each is about; those without any are left out. Best first. */
export function codeGroups(ballots: readonly Ballot[], attachedLanguage: string): readonly CodeGroup[] {
  const votes = ballots.flatMap((ballot) => {
    const block = writtenCode(ballot.text);
    return block === null ? [] : [{ ballot, block }];
  });
  const languages = new Map(votes.map(({ block }) => [block.text.trimEnd(), block.language]));
  return groupsOf(votes.map(({ ballot, block }) => ({ ...ballot, answer: block.text.trimEnd() })))
    .map((group): CodeGroup => {
      const languageId = languageIdOf(languages.get(group.answer) ?? '') || attachedLanguage;
      const code = { text: group.answer, languageId };
      return { group, code, isBroken: false, test: 'untested', changesNothing: false, failure: null };
    })
    .sort(compareCodeGroups);
}

/**
 * Higher outranks lower whatever the votes: 3 passed its test, even where the parser does not know what it is written
 * with; 2 untested; 1 failed; 0 does not parse or changes nothing.
 */
export function rankOf({ isBroken, changesNothing, test }: CodeGroup): number {
  if (test === 'passed') return 3;
  if (isBroken || changesNothing) return 0;
  return test === 'untested' ? 2 : 1;
}

/** By rank, then by votes. */
export function compareCodeGroups(a: CodeGroup, b: CodeGroup): number {
  return (
    rankOf(b) - rankOf(a) ||
    b.group.votes.length - a.group.votes.length ||
    compareEqualGroups(a.group, b.group)
  );
}
