import { CodedError } from '../../protocol/codedError.ts';
import type { DifficultyClass, SamplerSettings, SearchEvent, StopReason } from '../../protocol/traceEvent.ts';
import { judgedByUser, type Judgement } from '../difficulty/difficultyEstimator.ts';
import {
  fixedByUser,
  longestOpening,
  planForDifficulty,
  type DifficultyPlan,
} from '../difficulty/difficultyPlan.ts';
import type { CandidateRun, Opening } from './candidateRun.ts';
import {
  exploreFrom,
  limitsOf,
  openCandidate,
  readPrompt,
  stoppedBefore,
  type CandidatePlan,
} from './exploration.ts';
import { switchedTo, type FastModelLease } from './fastModel.ts';
import type { Strategy, StrategyContext } from './strategy.ts';

/**
 * Lets difficulty choose strategy, budget and temperature. The first candidate's opening is read for it and kept
 * as its beginning, so the decision costs no token.
 */
export const auto: Strategy = {
  id: 'auto',
  promptStyle: 'byAttachment',
  temperature: 0.8,
  run: decideThenExplore,
};

async function* decideThenExplore(
  context: StrategyContext,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, StopReason, void> {
  const sequence = yield* readPrompt(context, signal);
  if (sequence === null) return stoppedBefore(context, signal);
  const form = context.promptStyle === 'direct' ? 'direct' : 'reasoned';
  const first = openCandidate(
    context,
    { form, candidateCount: 1, sampler: context.sampler },
    { id: 0, sequence },
  );
  let fast: FastModelLease | null = null;
  try {
    const { plan, difficulty } = yield* decide(context, first, signal);
    if (difficulty === 'easy') fast = await moveToFastModel(context, { plan, first }, signal);
    if (fast === null) return yield* exploreFrom(context, plan, { first, signal });
    yield switchedTo(fast, 'The question is easy, so the fast model answers it; it is lossy.');
    return yield* exploreFrom({ ...context, model: fast.model }, plan, { first, signal });
  } finally {
    await first.dispose();
    fast?.release();
  }
}

/** Lets the fast model go on with the candidate. Null where it cannot: then the whole model does. */
async function moveToFastModel(
  context: StrategyContext,
  { plan, first }: { readonly plan: CandidatePlan; readonly first: CandidateRun },
  signal: AbortSignal,
): Promise<FastModelLease | null> {
  const { model, fast, promptTokens, sequenceOptions, steering } = context;
  if (fast === null || first.hasEndedOpening) return null;
  const ended = AbortSignal.any([signal, steering.stopSignal]);
  let lease: FastModelLease | null = null;
  try {
    lease = await fast.acquire(model, ended);
    if (lease === null) return null;
    await first.moveTo(lease.model, { tokens: promptTokens, options: sequenceOptions }, ended);
    first.adopt({ ...plan, limits: limitsOf({ ...context, model: lease.model }, plan) });
    return lease;
  } catch (thrown) {
    lease?.release();
    // Stopped meanwhile, or its context is too small for the prompt: the candidate is as it was.
    if (thrown instanceof CodedError && ['cancelled', 'context.exceeded'].includes(thrown.code)) return null;
    throw thrown;
  }
}

interface Decision {
  readonly plan: CandidatePlan;
  readonly difficulty: DifficultyClass;
}

/** Measures the difficulty and puts in force what it leads to. */
async function* decide(
  context: StrategyContext,
  first: CandidateRun,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, Decision, void> {
  const estimate = yield* judge(context, first, signal);
  const { profiles, fullBudget, fixed } = context.difficulty;
  const byTable = planForDifficulty(estimate.difficulty, context.promptStyle, {
    profiles,
    fullBudget,
    fixed,
  });
  const decided = yield* asRemembered(context, byTable, estimate.difficulty);
  const { strategy, temperature, budget } = decided;
  context.meter.changeBudget(budget);
  yield {
    type: 'difficulty/decided',
    ...estimate,
    strategy,
    temperature,
    budget,
    fixedByUser: fixedByUser(fixed, estimate.source === 'override'),
  };
  const plan = candidatePlan(context, decided);
  first.adopt({ ...plan, limits: limitsOf(context, plan) });
  return { plan, difficulty: estimate.difficulty };
}

/** The plan with the strategy that the memory draws in place of the table's, where there is a choice. */
async function* asRemembered(
  { memory, candidateCount }: StrategyContext,
  plan: DifficultyPlan,
  difficulty: DifficultyClass,
): AsyncGenerator<SearchEvent, DifficultyPlan, void> {
  if (memory === null || plan.strategy === 'direct') return plan;
  const { strategy, why } = await memory(difficulty);
  yield { type: 'decision/made', kind: 'strategyRemembered', candidateId: null, why };
  return { ...plan, strategy, candidates: candidateCount };
}

const unread: Opening = { openingEntropyNats: [], hasEnded: false };

async function* judge(
  context: StrategyContext,
  first: CandidateRun,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, Judgement, void> {
  const { estimator, override, profiles } = context.difficulty;
  if (override !== null) return judgedByUser(override);
  const promptState = estimator.readsPromptState ? await first.sequence.lastHiddenState(signal) : null;
  const wanted = estimator.openingTokens(promptState);
  const longest = longestOpening(context.meter.budget, context.promptStyle, profiles);
  const openingTokens = Math.min(wanted, longest);
  const opening = openingTokens === 0 ? unread : yield* first.open(openingTokens, signal);
  return estimator.estimate({ ...opening, promptState });
}

function candidatePlan(context: StrategyContext, decided: DifficultyPlan): CandidatePlan {
  const sampler: SamplerSettings = { ...context.sampler, temperature: decided.temperature };
  switch (decided.strategy) {
    case 'direct':
      return { form: 'direct', candidateCount: 1, sampler };
    case 'chainOfThought':
      return { form: 'reasoned', candidateCount: 1, sampler };
    case 'selfConsistency': {
      const candidateCount = Math.min(context.candidateCount, decided.candidates);
      return { form: 'reasonedLine', candidateCount, sampler };
    }
  }
}
