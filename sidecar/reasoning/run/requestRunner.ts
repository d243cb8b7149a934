import type { Attachment } from '../../../protocol/attachment.ts';
import type { Budget } from '../../../protocol/budget.ts';
import type { CodedError } from '../../../protocol/codedError.ts';
import type { AskResult } from '../../../protocol/messages.ts';
import { mergeChoices, optionsOf, type UserChoices } from '../../../protocol/reasoningOptions.ts';
import { type StrategyId, takesParameter } from '../../../protocol/strategyTable.ts';
import type { ThinkingFormat } from '../../../protocol/thinking.ts';
import type {
  DifficultyClass,
  RequestId,
  RequestKind,
  SamplerSettings,
  SearchEvent,
  StopReason,
  TraceEvent,
} from '../../../protocol/traceEvent.ts';
import type { Model, ModelInfo, SequenceOptions, TokenId } from '../../engine/engine.ts';
import type { Clock } from '../../process/clock.ts';
import { conversationMessages, type PromptStyle, type Turn } from '../../prompts/chatPrompt.ts';
import { renderThoughtTokens } from '../../prompts/chatTokens.ts';
import type { WrittenPart } from '../../prompts/repairPrompt.ts';
import { thoughtRequestOf, thoughtShare } from '../../prompts/thoughtRequest.ts';
import { BudgetMeter } from '../../request/budgetMeter.ts';
import type { DifficultyEstimator } from '../../request/difficultyEstimator.ts';
import { type EventSink, forwardEvents, type RunScope } from '../../request/eventChannel.ts';
import type { FastModelAccess } from '../../request/fastModelAccess.ts';
import { hashPromptText } from '../../request/promptHash.ts';
import { recordRequest, type RequestHeader } from '../../request/requestRecorder.ts';
import { serverEvents } from '../../request/serverReport.ts';
import type { Steering } from '../../request/steering.ts';
import type { TraceStore } from '../../trace/traceStore.ts';
import { present } from '../../validation/fieldReader.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import type { CodeVerifier } from '../../verify/codeVerifier.ts';
import type { CodeParser } from '../../verify/codeParser.ts';
import {
  type Fitted,
  fitCapabilities,
  replacementEvents,
  writesInParts,
} from '../context/fitCapabilities.ts';
import { type PromptThought, promptThoughtOf } from '../context/promptThought.ts';
import type { DifficultyContext, Strategy, StrategyContext } from '../context/strategy.ts';
import { type AutoTable, type ClassProfiles, shippedTable } from '../difficulty/autoTable.ts';
import { estimatorFor } from '../difficulty/entropyRule.ts';
import { judgeBySubject, type SubjectJudge } from '../difficulty/judgeBySubject.ts';
import { selectorIdOf } from '../exploration/selectorIdOf.ts';
import { createSelector } from '../selection/createSelector.ts';
import { problemSignature } from '../memory/problemSignature.ts';
import { chooseRemembered, rememberedArms } from '../memory/rememberedChoice.ts';
import type { StrategyMemoryFile } from '../memory/strategyMemoryFile.ts';
import { readsValues, requireHead, type ValueHead } from '../value/valueHead.ts';
import { ValueReader } from '../value/valueReader.ts';
import { createStrategy } from '../strategies/createStrategy.ts';
import { DifficultyObserver } from '../strategies/difficultyObserver.ts';
import { type FitResult, fitQuestion } from './fitQuestion.ts';
import { fullBudget } from './fullBudget.ts';

/** A question as the runner takes it: parameters and settings already put together. */
export interface AskRequest {
  readonly requestId: RequestId;
  /** What its log is of; a question when absent. */
  readonly kind?: Exclude<RequestKind, 'completion'>;
  readonly question: string;
  readonly attachment: Attachment | null;
  /** Names it in the log; the question itself when absent. */
  readonly title?: string;
  /** Further texts before it; none when absent. */
  readonly attachments?: readonly Attachment[];
  /** Earlier turns of its conversation, oldest first; none when absent. */
  readonly turns?: readonly Turn[];
  readonly strategy: StrategyId;
  /** At least 1; only strategies with several candidates use it. */
  readonly candidateCount: number;
  readonly seed: number;
  /** Null lets it be measured, where the strategy is `auto`. */
  readonly difficulty: DifficultyClass | null;
  readonly sequenceOptions: SequenceOptions;
  /** What the user chose; the rest is difficulty's, where the strategy is `auto`, or that of the default settings. */
  readonly choices: UserChoices;
  /** What its candidates write; a program when absent. */
  readonly written?: WrittenPart;
  /** Whether an answer has all that is wanted of it, asked at the end of each of its lines; it goes on to its own end when absent. */
  readonly isEnough?: (answer: string) => boolean;
  /** What was decided about it before it ran; stands first in the log. None when absent. */
  readonly preface?: readonly SearchEvent[];
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
  /** Reads states of this model while candidates are written: see `readsValues`. The caller's; none when null or absent. */
  readonly valueHead?: ValueHead | null;
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
 * Answers a question with a strategy and reports its event log, from `request/started` to `request/finished` or
 * `request/failed`. Throws the coded error after the latter; a prompt that cannot be made throws before any event.
 */
export async function runRequest(
  request: AskRequest,
  dependencies: RunnerDependencies,
  scope: RunScope<TraceEvent>,
): Promise<AskResult> {
  const { model, clock, steering, traces, onTraceFailure } = dependencies;
  const prepared = await prepareRun(request, dependencies, scope.signal);
  const { meter, startedMs, forgetDeadline } = prepared.spending;
  const context = strategyContext(request, dependencies, prepared);
  try {
    const { selected, ...recorded } = await recordRequest(
      headerOf(request, dependencies, prepared),
      async (events) => {
        const preface = [
          ...(request.preface ?? []),
          ...serverEvents(model.info),
          ...leftOutEvents(prepared.prompt, model.info),
          ...replacementEvents(prepared.fitted.replacements),
        ];
        for (const event of preface) await events.push(event);
        return search(prepared, context, { events, signal: scope.signal });
      },
      { dependencies: { meter, clock, startedMs, traces, onTraceFailure }, scope },
    );
    return {
      requestId: request.requestId,
      model: model.info.identity.name,
      answer: selected?.answer ?? null,
      text: selected?.text ?? '',
      ...recorded,
    };
  } finally {
    forgetDeadline();
    steering.close();
  }
}

/** Runs the strategy, and reports its events with the difficulty among them. */
function search(
  { strategy, promptObserver }: PreparedRun,
  context: StrategyContext,
  { events, signal }: RunScope,
): Promise<StopReason> {
  const run = (sink: EventSink): Promise<StopReason> => forwardEvents(strategy.run(context, signal), sink);
  return promptObserver === null ? run(events) : promptObserver.follow(run, events);
}

/** A question as the model reads it. */
interface PreparedPrompt {
  readonly subject: SubjectJudge;
  readonly promptStyle: PromptStyle;
  readonly thought: PromptThought;
  /** How the model thinks, where it is to think in its own form. */
  readonly thinking: ThinkingFormat | null;
  /** Share of the thought budget that the model's own thought may use; null where it has none. */
  readonly thoughtPart: number | null;
  readonly context: FitResult;
  readonly text: string;
  readonly tokens: readonly TokenId[];
}

/** What was decided about a request before its strategy runs. */
interface PreparedRun {
  readonly strategy: Strategy;
  readonly fitted: Fitted<StrategyId>;
  readonly prompt: PreparedPrompt;
  readonly spending: Spending;
  readonly sampler: SamplerSettings;
  readonly difficulty: DifficultyContext;
  readonly promptObserver: DifficultyObserver | null;
}

/** Decides all that a strategy is given. The time of the request runs from here on. */
async function prepareRun(
  request: AskRequest,
  dependencies: RunnerDependencies,
  signal: AbortSignal,
): Promise<PreparedRun> {
  const { clock, model } = dependencies;
  const fitted = fitRequest(request, model.info);
  // A selector that was replaced needs no head.
  const asked = request.choices.selector === undefined ? {} : { selector: fitted.selector };
  requireHead({ strategy: request.strategy, choices: asked }, dependencies.valueHead ?? null, model.info);
  const startedMs = clock.now();
  const strategy = createStrategy(fitted.strategy);
  const prompt = await preparePrompt(request, strategy, { dependencies, signal });
  const spending = startSpending(request, prompt, { model, clock, startedMs });
  const sampler = samplerOf(request, strategy);
  const difficulty = difficultyContext(request, prompt.subject, spending.budget);
  const promptObserver = observerOf(strategy, difficulty, { promptStyle: prompt.promptStyle, sampler });
  return { strategy, fitted, prompt, spending, sampler, difficulty, promptObserver };
}

/** What of a request the model's engine can do. */
function fitRequest(
  { strategy, candidateCount, choices, sequenceOptions }: AskRequest,
  { capabilities }: ModelInfo,
): Fitted<StrategyId> {
  const wanted = {
    strategy,
    selectorFor: (id: StrategyId) => choices.selector ?? selectorIdOf(createStrategy(id)),
    candidateCount,
    options: optionsOf(defaultSettings, choices),
    isReproducible: sequenceOptions.isReproducible === true,
  };
  return fitCapabilities(wanted, capabilities);
}

async function preparePrompt(
  request: AskRequest,
  strategy: Strategy,
  { dependencies, signal }: { readonly dependencies: RunnerDependencies; readonly signal: AbortSignal },
): Promise<PreparedPrompt> {
  const { model, estimator, tables = [shippedTable] } = dependencies;
  const subject = judgeBySubject(request, {
    estimator: estimatorFor(estimator, model.info.capabilities),
    tables,
    modelHash: model.info.identity.hash,
  });
  const promptStyle = strategy.promptStyle === 'bySubject' ? subject.promptStyle : strategy.promptStyle;
  const { question, attachment, attachments = [], turns = [] } = request;
  const { think } = optionsOf(defaultSettings, request.choices);
  const thought = thoughtRequestOf(think, promptStyle);
  const { thinking: format } = model.info.capabilities;
  const promptThought = promptThoughtOf(thought, model.info.capabilities);
  const { markers } = promptThought;
  const kept = format?.dropsEarlier === false ? turns : turns.map(withoutThought);
  const context = await fitQuestion({ question, attachment, attachments, turns: kept }, promptStyle, model);
  const asked = { question, files: context.files, style: promptStyle, thinks: markers !== null };
  const messages = conversationMessages(context.turns, asked);
  const { text, tokens } = await renderThoughtTokens(model, { messages, thought }, signal);
  const thoughtPart = markers === null ? null : thoughtShare(markers, thought);
  return {
    subject,
    promptStyle,
    thought: promptThought,
    thinking: markers,
    thoughtPart,
    context,
    text,
    tokens,
  };
}

/** A turn as chat templates have it that drop earlier thoughts. */
function withoutThought({ requestId, answer, question, files, style, thinks }: Turn): Turn {
  return { requestId, answer, question, files, style, ...present({ thinks }) };
}

/** Says what the prompt had no room for. */
function leftOutEvents({ context }: PreparedPrompt, { contextTokens }: ModelInfo): readonly SearchEvent[] {
  const { leftOut } = context;
  if (leftOut.length === 0) return [];
  const why = `The context of ${contextTokens} tokens has no room for ${listed(leftOut)}.`;
  return [{ type: 'decision/made', kind: 'contextLeftOut', candidateId: null, why }];
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** What went along with the question; nothing where it came alone. */
function contextIn(
  { turns = [] }: Pick<AskRequest, 'turns'>,
  { context: { files } }: PreparedPrompt,
): Pick<RequestHeader, 'context'> {
  const conversation = turns.map(({ requestId }) => requestId);
  return files.length + conversation.length === 0 ? {} : { context: { attachments: files, conversation } };
}

/** A request's budget, and the meter that enforces it. */
interface Spending {
  readonly budget: Budget;
  readonly meter: BudgetMeter;
  /** Clock time at which the request began. */
  readonly startedMs: number;
  /** To be called when the request has ended. */
  readonly forgetDeadline: () => void;
}

/** Starts the clock of a request that has a deadline. */
function startSpending(
  { choices }: Pick<AskRequest, 'choices'>,
  { promptStyle, thoughtPart }: Pick<PreparedPrompt, 'promptStyle' | 'thoughtPart'>,
  { model, clock, startedMs }: { readonly model: Model; readonly clock: Clock; readonly startedMs: number },
): Spending {
  const budget = budgetFor(model.info, fullBudget(promptStyle, choices, thoughtPart));
  const elapsedMs = (): number => clock.now() - startedMs;
  const outOfTime = new AbortController();
  const meter = new BudgetMeter(budget, elapsedMs, { outOfTime: outOfTime.signal });
  if (budget.durationMs === null) return { budget, meter, startedMs, forgetDeadline: () => undefined };
  const forgetDeadline = clock.after(Math.max(0, budget.durationMs - elapsedMs()), () => {
    outOfTime.abort();
  });
  return { budget, meter, startedMs, forgetDeadline };
}

/** Where thought and answer are one text, the answer gets what the thought would have had. */
function budgetFor({ capabilities }: ModelInfo, full: Budget): Budget {
  if (writesInParts(capabilities)) return full;
  const { thoughtTokensPerCandidate, answerTokensPerCandidate } = full;
  return {
    ...full,
    thoughtTokensPerCandidate: 0,
    answerTokensPerCandidate: answerTokensPerCandidate + thoughtTokensPerCandidate,
  };
}

function samplerOf({ choices }: Pick<AskRequest, 'choices'>, strategy: Strategy): SamplerSettings {
  return { temperature: choices.temperature ?? strategy.temperature, topK: 0, topP: 1, minP };
}

function difficultyContext(
  { difficulty, choices }: AskRequest,
  subject: SubjectJudge,
  fullBudget: Budget,
): DifficultyContext {
  return {
    ...subject,
    override: difficulty,
    fullBudget,
    fixed: choices,
  };
}

/** Notes the difficulty where it decides nothing; null for `auto`, which asks for it. */
function observerOf(
  { id }: Strategy,
  difficulty: DifficultyContext,
  prompt: { readonly promptStyle: PromptStyle; readonly sampler: SamplerSettings },
): DifficultyObserver | null {
  return id === 'auto' ? null : new DifficultyObserver(difficulty, { strategy: id, ...prompt });
}

function strategyContext(
  request: AskRequest,
  { model, fast, memory, steering, verifier, codeParser, valueHead = null }: RunnerDependencies,
  { strategy, fitted, prompt, spending, sampler, difficulty, promptObserver }: PreparedRun,
): StrategyContext {
  return {
    question: request.question,
    attachment: request.attachment,
    ...present({ written: request.written, isEnough: request.isEnough }),
    model,
    selector: createSelector(fitted.selector),
    fittedContext: prompt.context,
    promptTokens: prompt.tokens,
    promptStyle: prompt.promptStyle,
    thought: prompt.thought,
    candidateCount: takesParameter(strategy.id, 'candidates') ? request.candidateCount : 1,
    sampler,
    seed: request.seed,
    sequenceOptions: request.sequenceOptions,
    options: fitted.options,
    meter: spending.meter,
    steering,
    verifier,
    codeParser,
    difficulty,
    promptObserver,
    memory: remembering(memory ?? null, request),
    fast,
    // Experimental: what `auto` does is decided by figures, and there are none of it.
    values: valueHead === null || !readsValues(request) ? null : new ValueReader(valueHead),
    valueRules: valueHead?.rules ?? null,
    firstCandidate: null,
    firstCandidateId: 0,
  };
}

/** The request as its log begins. */
function headerOf(
  request: AskRequest,
  { model, memory = null }: RunnerDependencies,
  { strategy, prompt, spending, sampler, difficulty }: PreparedRun,
): RequestHeader {
  return {
    requestId: request.requestId,
    kind: request.kind ?? 'ask',
    title: request.title ?? request.question,
    model: model.info.identity,
    seed: request.seed,
    sampler,
    strategy: strategy.id,
    candidateCount: mostCandidates({ ...request, strategy: strategy.id }, difficulty.profiles, {
      remembers: memory !== null,
    }),
    budget: spending.budget,
    promptHash: hashPromptText(prompt.text),
    promptTokenCount: prompt.tokens.length,
    ...contextIn(request, prompt),
    ...present({ thinking: prompt.thinking?.form }),
  };
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

type Breadth = Pick<AskRequest, 'strategy' | 'candidateCount' | 'choices'>;

/** Candidates that the strategy has side by side at most: of `auto` what any class leads to, or the memory may draw. */
export function mostCandidates(
  { strategy, candidateCount, choices }: Breadth,
  profiles: ClassProfiles,
  { remembers = false }: { readonly remembers?: boolean } = {},
): number {
  if (strategy !== 'auto') return candidatesOf({ strategy, candidateCount, choices });
  const byClass = Object.values(profiles).map((profile) => {
    return candidatesOf({
      strategy: profile.strategy,
      candidateCount: Math.min(candidateCount, profile.candidates),
      choices: mergeChoices(profile, choices),
    });
  });
  return Math.max(remembers ? candidateCount : 1, ...byClass);
}

function candidatesOf({ strategy, candidateCount, choices }: Breadth): number {
  if (!takesParameter(strategy, 'candidates')) return 1;
  if (!takesParameter(strategy, 'stepChildren')) return candidateCount;
  return candidateCount * optionsOf(defaultSettings, choices).stepSearch.stepChildren;
}
