import type { Attachment } from '../../../protocol/attachment.ts';
import { type Budget, overrideBudget } from '../../../protocol/budget.ts';
import type { CodedError } from '../../../protocol/codedError.ts';
import type { AskResult, EarlyStopping, StepSearchSettings } from '../../../protocol/messages.ts';
import { type StrategyId, takesParameter } from '../../../protocol/strategyTable.ts';
import type {
  DifficultyClass,
  RequestId,
  SamplerSettings,
  SearchEvent,
  SelectorId,
  StopReason,
  TraceEvent,
} from '../../../protocol/traceEvent.ts';
import type { Model, SequenceOptions } from '../../engine/engine.ts';
import type { Clock } from '../../process/clock.ts';
import { chatMessages } from '../../prompts/chatPrompt.ts';
import { renderChatTokens } from '../../prompts/chatTokens.ts';
import { BudgetMeter } from '../../request/budgetMeter.ts';
import type { DifficultyEstimator } from '../../request/difficultyEstimator.ts';
import type { FastModelAccess } from '../../request/fastModelAccess.ts';
import { hashPromptText } from '../../request/promptHash.ts';
import { recordRequest } from '../../request/requestRecorder.ts';
import type { Steering } from '../../request/steering.ts';
import type { TraceStore } from '../../trace/traceStore.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import type { CodeVerifier } from '../../verify/codeVerifier.ts';
import type { CodeParser } from '../../verify/syntax/codeParser.ts';
import { defaultBudget } from '../candidates/defaultBudget.ts';
import { earlyStoppingOf } from '../candidates/earlyStopping.ts';
import type { DifficultyContext, StrategyContext } from '../context/strategy.ts';
import { type AutoTable, type ClassProfiles, shippedTable } from '../difficulty/autoTable.ts';
import { judgeBySubject } from '../difficulty/judgeBySubject.ts';
import { selectorOf } from '../exploration/selectorOf.ts';
import { problemSignature } from '../memory/problemSignature.ts';
import { chooseRemembered, rememberedArms } from '../memory/rememberedChoice.ts';
import type { StrategyMemoryFile } from '../memory/strategyMemoryFile.ts';
import { stepSearchOf } from '../search/stepSearchSettings.ts';
import { createStrategy } from '../strategies/createStrategy.ts';
import { DifficultyObserver } from '../strategies/difficultyObserver.ts';

/** A question as the runner takes it: parameters and settings already put together. */
export interface AskRequest {
  readonly requestId: RequestId;
  readonly question: string;
  readonly attachment: Attachment | null;
  readonly strategy: StrategyId;
  /** Decides among several candidates; null lets strategy or difficulty choose. */
  readonly selector: SelectorId | null;
  /** At least 1; only strategies with several candidates use it. */
  readonly candidateCount: number;
  /** Thought tokens of one candidate at the full budget. */
  readonly maxThoughtTokens: number;
  readonly seed: number;
  /** Null lets strategy or difficulty choose. */
  readonly temperature: number | null;
  /** Members the user fixed. */
  readonly budget: Partial<Budget>;
  /** Null lets it be measured, where the strategy is `auto`. */
  readonly difficulty: DifficultyClass | null;
  readonly sequenceOptions: SequenceOptions;
  /** Members the user fixed; the others are difficulty's, where the strategy is `auto`, or those of the default settings. */
  readonly earlyStopping: Partial<EarlyStopping>;
  /** What was decided about it before it ran; stands first in the log. None when absent. */
  readonly preface?: readonly SearchEvent[];
  /** As `earlyStopping`. */
  readonly stepSearch: Partial<StepSearchSettings>;
  /** Whether thoughts begin at their first step; null lets difficulty choose, where the strategy is `auto`. */
  readonly skipPreamble: boolean | null;
}

export interface RunnerDependencies {
  readonly model: Model;
  readonly estimator: DifficultyEstimator;
  /** What each class of difficulty leads to, the first that says counting; the one that ships unless given. */
  readonly tables?: readonly AutoTable[];
  /** A lossy model for questions that the user calls easy, or that it was measured to pay for; null for none. */
  readonly fast: FastModelAccess | null;
  /** What worked before, for `auto` to go by; null or absent where that is switched off. */
  readonly memory?: StrategyMemoryFile | null;
  /** Closed by the runner when the request has ended. */
  readonly steering: Steering;
  /** Tests code with the user's command; null where there is none. */
  readonly verifier: CodeVerifier | null;
  /** Reads code before it is tested, or where it is not; null where no code is asked for. */
  readonly codeParser: CodeParser | null;
  readonly clock: Clock;
  /** Null writes no trace file. */
  readonly traces: TraceStore | null;
  /** Told when the trace file cannot be written; the request goes on. */
  readonly onTraceFailure: (error: CodedError) => void;
}

/** Keeps the tail out of sampled text without a hard cut (min-p, arXiv 2407.01082). */
export const minP = 0.05;

/**
 * Answers a question with a strategy and yields its event log, from `request/started` to `request/finished` or
 * `request/failed`. Throws the coded error after the latter; a prompt that cannot be made throws before any event.
 */
export async function* runRequest(
  request: AskRequest,
  dependencies: RunnerDependencies,
  signal: AbortSignal,
): AsyncGenerator<TraceEvent, AskResult, void> {
  const {
    model,
    steering,
    verifier,
    codeParser,
    clock,
    traces,
    onTraceFailure,
    estimator,
    fast,
    tables = [shippedTable],
  } = dependencies;
  const { requestId, attachment, seed, sequenceOptions, selector, earlyStopping, stepSearch, skipPreamble } =
    request;
  const strategy = createStrategy(request.strategy);
  const startedMs = clock.now();
  const subject = judgeBySubject(request, { estimator, tables, modelHash: model.info.identity.hash });
  const promptStyle = strategy.promptStyle === 'bySubject' ? subject.promptStyle : strategy.promptStyle;
  const messages = chatMessages(request.question, attachment, promptStyle);
  const prompt = await renderChatTokens(model, messages, signal);
  const budget = overrideBudget(defaultBudget(promptStyle, request.maxThoughtTokens), request.budget);
  const outOfTime = new AbortController();
  const meter = new BudgetMeter(budget, () => clock.now() - startedMs, { outOfTime: outOfTime.signal });
  const deadlineMs = budget.durationMs === null ? null : budget.durationMs - (clock.now() - startedMs);
  const forgetDeadline =
    deadlineMs === null
      ? null
      : clock.after(Math.max(0, deadlineMs), () => {
          outOfTime.abort();
        });
  const sampler: SamplerSettings = {
    temperature: request.temperature ?? strategy.temperature,
    topK: 0,
    topP: 1,
    minP,
  };
  const difficulty: DifficultyContext = {
    ...subject,
    override: request.difficulty,
    fullBudget: budget,
    fixed: {
      budget: request.budget,
      temperature: request.temperature,
      selector,
      stepSearch,
      earlyStopping,
      skipPreamble,
    },
  };
  const promptObserver =
    strategy.id === 'auto'
      ? null
      : new DifficultyObserver(difficulty, { strategy: strategy.id, promptStyle, sampler });
  const search = strategy.run(
    {
      question: request.question,
      attachment,
      model,
      selector: selectorOf(strategy, selector),
      promptTokens: prompt.tokens,
      promptStyle,
      candidateCount: takesParameter(request.strategy, 'candidates') ? request.candidateCount : 1,
      sampler,
      seed,
      sequenceOptions,
      earlyStopping: earlyStoppingOf(defaultSettings, earlyStopping),
      stepSearch: stepSearchOf(defaultSettings, stepSearch),
      skipPreamble: skipPreamble ?? defaultSettings.skipPreamble,
      meter,
      steering,
      verifier,
      codeParser,
      difficulty,
      promptObserver,
      memory: remembering(dependencies.memory ?? null, request),
      fast,
      firstCandidate: null,
      firstCandidateId: 0,
    },
    signal,
  );
  try {
    const { selected, ...recorded } = yield* recordRequest(
      {
        requestId,
        kind: 'ask',
        title: request.question,
        model: model.info.identity,
        seed,
        sampler,
        strategy: strategy.id,
        candidateCount: mostCandidates(request, difficulty.profiles, {
          remembers: (dependencies.memory ?? null) !== null,
        }),
        budget,
        promptHash: hashPromptText(prompt.text),
        promptTokenCount: prompt.tokens.length,
      },
      prefaced(request.preface ?? [], promptObserver?.follow(search) ?? search),
      { dependencies: { meter, clock, startedMs, traces, onTraceFailure }, signal },
    );
    return {
      requestId,
      model: model.info.identity.name,
      answer: selected?.answer ?? null,
      text: selected?.text ?? '',
      ...recorded,
    };
  } finally {
    forgetDeadline?.();
    steering.close();
  }
}

/** What `auto` asks the memory about a question. */
function remembering(
  memory: StrategyMemoryFile | null,
  request: Pick<AskRequest, 'question' | 'attachment' | 'seed' | 'candidateCount'>,
): StrategyContext['memory'] {
  if (memory === null) return null;
  return async (difficulty, byTable) => {
    const arms = rememberedArms(byTable, request.candidateCount);
    if (arms.length === 1) return null;
    const { signatures } = await memory.read();
    const record = signatures[problemSignature(request, difficulty)];
    return chooseRemembered(record, arms, request.seed);
  };
}

type Breadth = Pick<AskRequest, 'strategy' | 'candidateCount' | 'stepSearch'>;

/** Candidates that the strategy has side by side at most: of `auto` what any class leads to, or the memory may draw. */
export function mostCandidates(
  { strategy, candidateCount, stepSearch }: Breadth,
  profiles: ClassProfiles,
  { remembers = false }: { readonly remembers?: boolean } = {},
): number {
  if (strategy !== 'auto') return candidatesOf({ strategy, candidateCount, stepSearch });
  const byClass = Object.values(profiles).map((profile) => {
    return candidatesOf({
      strategy: profile.strategy,
      candidateCount: Math.min(candidateCount, profile.candidates),
      stepSearch: { ...profile.stepSearch, ...stepSearch },
    });
  });
  return Math.max(remembers ? candidateCount : 1, ...byClass);
}

function candidatesOf({ strategy, candidateCount, stepSearch }: Breadth): number {
  if (!takesParameter(strategy, 'candidates')) return 1;
  if (!takesParameter(strategy, 'stepChildren')) return candidateCount;
  return candidateCount * stepSearchOf(defaultSettings, stepSearch).stepChildren;
}

async function* prefaced(
  events: readonly SearchEvent[],
  search: AsyncGenerator<SearchEvent, StopReason, void>,
): AsyncGenerator<SearchEvent, StopReason, void> {
  yield* events;
  return yield* search;
}
