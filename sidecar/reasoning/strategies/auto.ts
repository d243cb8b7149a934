import type { DifficultyClass, SearchEvent, StopReason } from '../../../protocol/traceEvent.ts';
import { judgedByUser, type Judgement } from '../../request/difficultyEstimator.ts';
import { type EventSink, eventsOf, forwardEvents, type RunScope } from '../../request/eventChannel.ts';
import { type FastModelLease, switchedTo } from '../../request/fastModelAccess.ts';
import { readPrompt, stoppedBefore } from '../../request/readPrompt.ts';
import type { CandidateRun } from '../candidates/candidateRun.ts';
import type { ProbePrefix } from '../candidates/candidateStages.ts';
import { replacementEvents, writesInParts } from '../context/fitCapabilities.ts';
import type { Strategy, StrategyContext } from '../context/strategy.ts';
import type { ClassProfile } from '../difficulty/autoTable.ts';
import { type DifficultyPlan, longestProbePrefix, planFor } from '../difficulty/difficultyPlan.ts';
import { openCandidate } from '../exploration/exploration.ts';
import {
  canGiveUp,
  giveUpProbePrefix,
  probePrefixChoices,
  takesProbePrefix,
} from '../exploration/probePrefix.ts';
import { decidedEvent, applyPlan } from './applyPlan.ts';
import { chosenStrategy } from './chosenStrategy.ts';
import { leaseFastModel } from './leaseFastModel.ts';

/**
 * Lets difficulty choose strategy, parameters, budget and temperature by a table. The first candidate's probe prefix is read for
 * it and kept as its beginning, so the decision costs no token, unless the strategy puts the question otherwise, grows its
 * thoughts step by step or begins them at their first step: then the probe prefix is given up, and booked as discarded.
 */
export const auto: Strategy = {
  id: 'auto',
  promptStyle: 'bySubject',
  temperature: 0.8,
  continuesProbePrefix: false,
  run: (context, signal) => eventsOf((scope) => decideThenExplore(context, scope), signal),
};

async function decideThenExplore(context: StrategyContext, scope: RunScope): Promise<StopReason> {
  const { events, signal } = scope;
  const sequence = await readPrompt(context, scope);
  if (sequence === null) {
    if (!signal.aborted) await decideUnread(context, events);
    return stoppedBefore(context, signal);
  }
  const form = context.promptStyle === 'direct' ? 'direct' : 'reasoned';
  const plan = { form, candidateCount: 1, sampler: context.sampler } as const;
  const first = openCandidate(context, plan, { place: 0, id: context.firstCandidateId, sequence });
  let fast: FastModelLease | null = null;
  try {
    const { strategy, context: decided, estimate, goesOn } = await decide(context, first, scope);
    const ready = goesOn
      ? { ...decided, firstCandidate: first }
      : await giveUpProbePrefix(decided, first, { strategy, scope });
    fast = await leaseFastModel(ready, estimate, signal);
    if (fast === null) return await forwardEvents(strategy.run(ready, signal), events);
    const why = estimate.source === 'override' ? 'You called it easy' : 'It was measured to be enough';
    await events.push(switchedTo(fast, `${why}, so the fast model answers; it is lossy.`));
    return await forwardEvents(strategy.run({ ...ready, model: fast.model }, signal), events);
  } finally {
    await first.dispose();
    fast?.release();
  }
}

interface Decision {
  readonly strategy: Strategy;
  /** What the strategy runs in. */
  readonly context: StrategyContext;
  readonly estimate: Judgement;
  /** Whether it goes on with the first candidate. */
  readonly goesOn: boolean;
}

/** Measures the difficulty and applies what it leads to. */
async function decide(context: StrategyContext, first: CandidateRun, scope: RunScope): Promise<Decision> {
  const estimate = await judge(context, first, scope);
  const { difficulty } = estimate;
  const { candidateCount } = context;
  const { fullBudget, fixed } = context.difficulty;
  const profile = await asRemembered(context, difficulty, scope.events);
  const planOf = (chosen: ClassProfile): DifficultyPlan =>
    planFor(chosen, context.promptStyle, { fullBudget, fixed, candidateCount });
  const wanted = planOf(profile);
  const planned = applyPlan(context, wanted);
  const takesFirst = takesProbePrefix(planned.strategy, planned.context, first);
  const isPossible = takesFirst || canGiveUp(context, first, scope.signal);
  // A probe prefix that cannot be given up goes on as what it is.
  const plan = isPossible
    ? wanted
    : { ...planOf({ ...profile, ...goingOn }), ...probePrefixChoices(context) };
  const decided = isPossible ? planned : applyPlan(context, plan);
  context.meter.changeBudget(plan.budget);
  if (estimate.source === 'nothingToCompute') await scope.events.push(answeredDirectly);
  await scope.events.push(decidedEvent(context, { estimate, plan, decided }));
  for (const event of replacementEvents(decided.replacements)) await scope.events.push(event);
  return {
    strategy: decided.strategy,
    context: decided.context,
    estimate,
    goesOn: takesFirst || !isPossible,
  };
}

const answeredDirectly: SearchEvent = {
  type: 'decision/made',
  kind: 'answeredDirectly',
  candidateId: null,
  why: 'Nothing in the question is to be computed, so it is answered without a thought. A strategy or a difficulty that you set comes before this.',
};

/** What would have followed, where nothing may be read any more: judged by what is known without a token. */
async function decideUnread(context: StrategyContext, events: EventSink): Promise<void> {
  const { candidateCount, promptStyle } = context;
  const { estimator, override, profiles, fullBudget, fixed } = context.difficulty;
  const estimate =
    override !== null ? judgedByUser(override) : await estimator.estimate({ ...unread, promptState: null });
  const plan = planFor(profiles[estimate.difficulty], promptStyle, { fullBudget, fixed, candidateCount });
  const decided = applyPlan(context, plan);
  await events.push(decidedEvent(context, { estimate, plan, decided }));
}

/** What a probe prefix, which is greedy, is the beginning of. */
const goingOn = { strategy: 'chainOfThought', candidates: 1, temperature: 0 } as const;

/**
 * The table's profile of a class, or one with the strategy that the memory draws in its place, where there is a choice: none
 * where the user has set the class.
 */
async function asRemembered(
  { memory, candidateCount, promptStyle, difficulty: { profiles, override } }: StrategyContext,
  difficulty: DifficultyClass,
  events: EventSink,
): Promise<ClassProfile> {
  const profile = profiles[difficulty];
  if (memory === null || override !== null || promptStyle === 'direct') return profile;
  const choice = await memory(difficulty, profile.strategy);
  if (choice === null) return profile;
  const { strategy, why } = choice;
  await events.push({ type: 'decision/made', kind: 'strategyRemembered', candidateId: null, why });
  if (strategy === profile.strategy) return profile;
  // The class's temperature is for its own strategy: greedy candidates of a vote would all be the same.
  const { temperature } = chosenStrategy(strategy);
  return { strategy, temperature, tokenShare: profile.tokenShare, candidates: candidateCount };
}

const unread: ProbePrefix = { probePrefixEntropyNats: [], hasEnded: false };

async function judge(context: StrategyContext, first: CandidateRun, scope: RunScope): Promise<Judgement> {
  const { estimator, override, profiles } = context.difficulty;
  if (override !== null) return judgedByUser(override);
  const promptState = estimator.readsPromptState ? await first.sequence.lastHiddenState(scope.signal) : null;
  const wanted = estimator.probePrefixTokens(promptState);
  const longest = longestProbePrefix(context.meter.budget, context.promptStyle, profiles);
  // What is begun so could not be gone on with.
  const tokenCount = writesInParts(context.model.info.capabilities) ? Math.min(wanted, longest) : 0;
  const probePrefix = tokenCount === 0 ? unread : await first.open(tokenCount, scope);
  return estimator.estimate({ ...probePrefix, promptState });
}
