import type { Model } from '../../engine/engine.ts';
import { seededOrder } from '../../numeric/seededOrder.ts';
import { judgedQuestion } from '../../prompts/chatPrompt.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import { endOfText } from '../answers/endOfText.ts';
import { type AnswerGroup, compareEqualGroups, groupsOf, voters } from './answerGroups.ts';
import { judgeMessages, parseVerdict, verdictGrammar, verdictTokens } from './judgePrompt.ts';
import { fallBackToMajority } from './majorityFallback.ts';
import { castVote } from './ruleSelector.ts';
import { type Ballot, type Selection, type SelectionContext, type Selector, votesOf } from './selector.ts';
import { writeVerification } from './verificationText.ts';

/** Stream of the request's random numbers that the order of candidates is drawn from; tokens use others. */
const orderStream = 2;
/** Tokens of one candidate that the judge reads at most: the end of its text, where its answer is. */
const mostShownTokens = 400;
/** With less than this of each there is nothing to judge by. */
const fewestShownTokens = 16;
/** Kept free for the words of the prompt around the candidates, for each of them and once. */
const wordsPerCandidate = 12;
const wordsAround = 200;

/**
 * The answer that the model itself scores highest: one call for all answers, a checklist first, then a number each,
 * their order shuffled by the request's seed (CHOPS, arXiv 2506.20544). One candidate represents all that gave the same
 * answer; a tie goes to the answer with more votes, then as in a majority. Where the judge breaks off or its verdict cannot
 * be read, the majority decides, and the log says so.
 */
export const checklistJudge: Selector = {
  id: 'checklistJudge',
  isDecided: () => false,
  select: judgeGroups,
};

async function judgeGroups(
  ballots: readonly Ballot[],
  context: SelectionContext,
  scope: RunScope,
): Promise<Selection | null> {
  const groups = inRandomOrder(groupsOf(votesOf(ballots)), context.seed);
  const leaveOut = (why: string) => {
    const sentence = `The judge was left out, because ${why}; the majority decided.`;
    return fallBackToMajority(ballots, sentence, { context, scope });
  };
  // Nothing to choose from: a judge would only cost.
  if (groups.length < 2) return fallBackToMajority(ballots, null, { context, scope });
  const question = judgedQuestion(context.question, context.fittedContext);
  const texts = await shownTexts(context.model, question, groups);
  if (texts === null) return leaveOut('the context has no room for it');
  const rules = {
    constraint: { grammar: verdictGrammar(groups.length) },
    maxTokens: verdictTokens(groups.length),
    alternatives: 0,
  };
  const { text, tokenCount, stopped } = await writeVerification(context, judgeMessages(question, texts), {
    rules,
    scope,
  });
  if (stopped !== null) return leaveOut(stopped);
  const verdict = parseVerdict(text, groups.length);
  if (verdict === null) return leaveOut('its verdict cannot be read');
  await scope.events.push({ type: 'judgement/made', checklist: verdict.checklist, tokenCount });
  const ranked = groups
    .map((group, index) => ({ group, score: verdict.scores[index] ?? 0 }))
    .sort(
      (a, b) =>
        b.score - a.score ||
        b.group.votes.length - a.group.votes.length ||
        compareEqualGroups(a.group, b.group),
    );
  const winner = ranked[0]?.group;
  if (winner === undefined) return null;
  const selection: Selection = {
    candidateId: winner.votes[0].candidateId,
    tallies: ranked.map(({ group, score }) => {
      return { answer: group.answer, candidateIds: voters(group), weight: score };
    }),
  };
  await scope.events.push(castVote('checklistJudge', selection));
  return selection;
}

/** In an order that the seed decides, so that no place in the prompt belongs to an answer. */
function inRandomOrder(groups: readonly AnswerGroup[], seed: number): readonly AnswerGroup[] {
  const sorted = [...groups].sort(compareEqualGroups);
  return seededOrder(sorted.length, seed, orderStream).flatMap((place) => sorted[place] ?? []);
}

/** What the judge sees of each group: its earliest candidate's text, as much of its end as fits. Null where too little does. */
async function shownTexts(
  model: Model,
  question: string,
  groups: readonly AnswerGroup[],
): Promise<readonly string[] | null> {
  const questionTokens = (await model.tokenize(question, { special: false })).length;
  const taken = questionTokens + verdictTokens(groups.length) + wordsAround;
  const share = Math.floor((model.info.contextTokens - taken) / groups.length) - wordsPerCandidate;
  if (share < fewestShownTokens) return null;
  const room = Math.min(share, mostShownTokens);
  return Promise.all(groups.map(({ votes: [{ text }] }) => endOfText(model, text, room)));
}
