import type { Alternative } from '../../../protocol/traceEvent.ts';
import type { ChatMessage } from '../../engine/engine.ts';
import { fenced, judgedQuestion } from '../../prompts/chatPrompt.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import { endOfText } from '../answers/endOfText.ts';
import { type AnswerGroup, compareEqualGroups, groupsOf, voters } from './answerGroups.ts';
import { fallBackToMajority } from './majorityFallback.ts';
import { castVote } from './ruleSelector.ts';
import { type Ballot, type Selection, type SelectionContext, type Selector, votesOf } from './selector.ts';
import { writeVerification } from './verificationText.ts';

/** What the checker writes: one word of two. */
const constraint = { choices: ['yes', 'no'] };
const verdictTokens = 4;
/** Most likely first tokens that are searched for both words. */
const readAlternatives = 20;
/** Tokens of a candidate's working that the checker reads at most: the end of its text. */
const mostShownTokens = 400;
/** With less than this there is nothing to check. */
const fewestShownTokens = 16;
/** Kept free for the words of the prompt around question and working. */
const wordsAround = 120;

/**
 * Every answer is put back beside the question and what is attached to it, and the model says whether it is right: votes
 * count as much as it is sure of "yes", 0…1 (our form of verification by context). One candidate represents all that gave
 * the same answer. With one answer alone nothing is checked. Where a check breaks off the majority decides, and the log
 * says so.
 */
export const contextCheck: Selector = {
  id: 'contextCheck',
  isDecided: () => false,
  select: checkGroups,
};

async function checkGroups(
  ballots: readonly Ballot[],
  context: SelectionContext,
  scope: RunScope,
): Promise<Selection | null> {
  const { checked, stopped } = await checkAnswers(ballots, context, scope);
  if (stopped !== null) {
    const why = `The check of each answer was left out, because ${stopped}; the majority decided.`;
    return fallBackToMajority(ballots, why, { context, scope });
  }
  if (checked.length < 2) return fallBackToMajority(ballots, null, { context, scope });
  const weighed = checked.map(({ group, share }) => ({ group, weight: share * group.votes.length }));
  const ranked = weighed.sort((a, b) => b.weight - a.weight || compareEqualGroups(a.group, b.group));
  const winner = ranked[0]?.group;
  if (winner === undefined) return null;
  const selection: Selection = {
    candidateId: winner.votes[0].candidateId,
    tallies: ranked.map(({ group, weight }) => {
      return { answer: group.answer, candidateIds: voters(group), weight };
    }),
  };
  await scope.events.push(castVote('contextCheck', selection));
  return selection;
}

export interface AnswerCheck {
  readonly group: AnswerGroup;
  /** How sure the model is that its answer is right, 0…1. */
  readonly share: number;
}

/** How sure the model is of each distinct answer, where there are two or more. `stopped` says what kept it from that, as a clause. */
export async function checkAnswers(
  ballots: readonly Ballot[],
  context: SelectionContext,
  scope: RunScope,
): Promise<{ readonly checked: readonly AnswerCheck[]; readonly stopped: string | null }> {
  const groups = [...groupsOf(votesOf(ballots))].sort(compareEqualGroups);
  if (groups.length < 2) return { checked: [], stopped: null };
  const question = judgedQuestion(context.question, context.fittedContext);
  const checked: AnswerCheck[] = [];
  for (const group of groups) {
    const check = await checkOne(question, group, { context, scope });
    if (check.stopped !== null) return { checked: [], stopped: check.stopped };
    checked.push({ group, share: check.share });
  }
  return { checked, stopped: null };
}

type Check =
  | { readonly share: number; readonly stopped: null }
  /** Why there is none, as a clause. */
  | { readonly share: null; readonly stopped: string };

/** How sure the model is that a group's answer is right. */
async function checkOne(
  question: string,
  { votes: [{ text }] }: AnswerGroup,
  { context, scope }: { readonly context: SelectionContext; readonly scope: RunScope },
): Promise<Check> {
  const { model } = context;
  const questionTokens = (await model.tokenize(question, { special: false })).length;
  const room = Math.min(mostShownTokens, model.info.contextTokens - questionTokens - wordsAround);
  if (room < fewestShownTokens) return { share: null, stopped: 'the context has no room for it' };
  const messages = checkMessages(question, await endOfText(model, text, room));
  const rules = { constraint, maxTokens: verdictTokens, alternatives: readAlternatives };
  const written = await writeVerification(context, messages, { rules, scope });
  if (written.stopped !== null) return { share: null, stopped: written.stopped };
  const share = shareOfYes(written.firstAlternatives, written.text);
  return share === null ? { share, stopped: 'its verdict cannot be read' } : { share, stopped: null };
}

/** Asks whether an answer is right; `working` is the end of what led to it. */
export function checkMessages(question: string, working: string): readonly ChatMessage[] {
  const parts = [
    `Question:\n${fenced(question, '')}`,
    `Proposed answer, with its working:\n${fenced(working, '')}`,
    'Check every step against what the question says. Is the proposed answer right? Reply with nothing but yes or no.',
  ];
  return [
    { role: 'system', content: 'You check answers. Be strict: one wrong step makes an answer wrong.' },
    { role: 'user', content: parts.join('\n\n') },
  ];
}

/**
 * Probability of "yes" over that of both words, from the most likely first tokens; where neither is among them, what was
 * written decides. Null for anything but one of these words. Pure.
 */
export function shareOfYes(alternatives: readonly Alternative[], written: string): number | null {
  const verdict = written.trim().toLowerCase();
  if (verdict !== 'yes' && verdict !== 'no') return null;
  const massOf = (word: string): number =>
    alternatives
      .filter(({ text }) => text.trim().toLowerCase() === word)
      .reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
  const [yes, no] = [massOf('yes'), massOf('no')];
  if (yes + no === 0) return verdict === 'yes' ? 1 : 0;
  return yes / (yes + no);
}
