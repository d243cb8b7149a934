import { median } from '../../numeric/mean.ts';
import type { Vote } from './selector.ts';

/** All candidates that gave the same answer. */
export interface AnswerGroup {
  readonly answer: string;
  /** By ascending candidate. */
  readonly votes: readonly [Vote, ...Vote[]];
  /** Median of the numbers of generated tokens. */
  readonly medianLength: number;
}

/** The votes by answer, each group once; the same for every order of the votes. */
export function groupsOf(votes: readonly Vote[]): readonly AnswerGroup[] {
  const groups = new Map<string, [Vote, ...Vote[]]>();
  for (const vote of [...votes].sort((a, b) => a.candidateId - b.candidateId)) {
    const group = groups.get(vote.answer);
    if (group === undefined) groups.set(vote.answer, [vote]);
    else group.push(vote);
  }
  return [...groups].map(([answer, group]) => {
    return { answer, votes: group, medianLength: median(group.map(({ length }) => length)) };
  });
}

/**
 * Which of two groups that a rule finds equal goes first: the one of shorter median length, since correct answers
 * tend to be shorter (arXiv 2504.14047), then the one of the earliest candidate.
 */
export function compareEqualGroups(a: AnswerGroup, b: AnswerGroup): number {
  return a.medianLength - b.medianLength || a.votes[0].candidateId - b.votes[0].candidateId;
}

/** The candidates of a group, ascending. */
export function voters({ votes }: AnswerGroup): readonly number[] {
  return votes.map(({ candidateId }) => candidateId);
}
