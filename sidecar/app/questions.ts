import { type Budget, budgetLeft } from '../../protocol/budget.ts';
import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type {
  AskParams,
  AskResult,
  DifficultyJudgement,
  DifficultyParams,
  SidecarSettings,
} from '../../protocol/messages.ts';
import { isServerModel } from '../../protocol/serverAddress.ts';
import type { SearchEvent, TraceEvent } from '../../protocol/traceEvent.ts';
import { cancelled } from '../engine/cancelled.ts';
import type { ModelInfo } from '../engine/engine.ts';
import { ModelRouter, type Route, type RouterDependencies } from '../modelHosting/modelRouter.ts';
import type { ModelLease } from '../modelHosting/modelSlot.ts';
import type { ServerFallback } from '../modelHosting/serverFallback.ts';
import {
  type AutoTable,
  readAutoTable,
  shippedTable,
  standInsFor,
} from '../reasoning/difficulty/autoTable.ts';
import type { StandIn } from '../request/standIn.ts';
import type { Turn } from '../prompts/chatPrompt.ts';
import { OutcomeObserver } from '../reasoning/memory/outcomeObserver.ts';
import type { StrategyMemoryFile } from '../reasoning/memory/strategyMemoryFile.ts';
import { judgeDifficulty } from '../reasoning/run/judgeDifficulty.ts';
import { type AskRequest, type RunnerDependencies, runRequest } from '../reasoning/run/requestRunner.ts';
import { loadValueHead, readsValues, type ValueHead } from '../reasoning/value/valueHead.ts';
import { sinkTo } from '../request/eventChannel.ts';
import { Steering } from '../request/steering.ts';
import { present } from '../validation/fieldReader.ts';
import { verifierOf } from '../verify/codeVerifier.ts';
import type { Isolation } from '../verify/confinement/sandbox.ts';
import { askRequestOf, budgetOf, subjectOf } from './askRequest.ts';
import { turnsUpTo } from './conversation.ts';
import type { DailyBudget, DayPart } from './dailyBudget.ts';
import type { RunningRequests } from './runningRequests.ts';
import type { Stores } from './stores.ts';

export interface QuestionDependencies
  extends RouterDependencies, Pick<RunnerDependencies, 'codeParser' | 'fast' | 'clock' | 'onTraceFailure'> {
  readonly fallback: Pick<ServerFallback, 'lease' | 'inPlaceOf'>;
  readonly settings: () => SidecarSettings;
  readonly stores: () => Stores;
  readonly running: RunningRequests;
  readonly daily: DailyBudget;
  readonly nextRequestId: () => string;
  readonly drawSeed: () => number;
  /** Null where no workspace is open, or one that is not on this machine's disk. */
  readonly workspacePath: () => string | null;
  /** Confines test commands. */
  readonly isolation: Isolation;
}

/** A question whose model is chosen. */
interface RoutedQuestion extends Route {
  readonly budget: Partial<Budget>;
  readonly turns: readonly Turn[];
}

/** Answers questions, and says how hard they are: which model, with what, and what is kept of it. */
export class Questions {
  readonly #dependencies: QuestionDependencies;
  readonly #router: ModelRouter;

  constructor(dependencies: QuestionDependencies) {
    this.#dependencies = dependencies;
    this.#router = new ModelRouter(dependencies);
  }

  /**
   * Answers a question; `report` gets its events as they happen. Waits for a model that is loading. Where its server goes away
   * meanwhile the request fails, and another on this machine begins, whose events follow.
   */
  async ask(
    params: AskParams,
    report: (events: readonly TraceEvent[]) => void,
    signal: AbortSignal,
  ): Promise<AskResult> {
    const { follows } = params;
    const turns = follows === undefined ? [] : await turnsUpTo(this.#dependencies.stores().traces, follows);
    const routed = await this.#routeOf(params, signal);
    const isServers = routed.isDefault && routed.lease.model.info.local === null;
    try {
      return await this.#run(params, { ...routed, turns }, { report, signal });
    } catch (thrown) {
      if (!isServers) throw thrown;
      const instead = await this.#dependencies.fallback.inPlaceOf(thrown, signal);
      return this.#run(params, { ...routed, ...instead, isDefault: false, turns }, { report, signal });
    }
  }

  /** One request, on the model that it was given; gives that back. */
  async #run(
    params: AskParams,
    { lease, why, away, isDefault, budget, turns }: RoutedQuestion,
    {
      report,
      signal,
    }: { readonly report: (events: readonly TraceEvent[]) => void; readonly signal: AbortSignal },
  ): Promise<AskResult> {
    const { running, daily, clock, fast, onTraceFailure } = this.#dependencies;
    const { model, estimator } = lease;
    const requestId = this.#dependencies.nextRequestId();
    const steering = new Steering();
    const ended = running.begin(requestId, steering, signal);
    let releaseDay = (): void => undefined;
    let valueHead: ValueHead | null = null;
    try {
      const { traces } = this.#dependencies.stores();
      const memory = this.#memoryOf(params);
      const { request, release } = await this.#requestOf({ ...params, budget }, requestId);
      releaseDay = release;
      if (readsValues(request)) valueHead = await this.#valueHeadOf(model.info);
      const learning = memory && this.#learningFrom(params, memory);
      const events = sinkTo((event: TraceEvent) => {
        learning?.see(event);
        if (event.type === 'request/finished' || event.type === 'request/failed')
          daily.book(model.info.identity.name, event.ledger);
        report([event]);
      });
      const preface = [...(request.preface ?? []), ...routingOf(why), ...awayDecision(away)];
      const result = await runRequest(
        { ...request, turns, preface },
        {
          model,
          estimator,
          tables: await this.#tables(),
          steering,
          valueHead,
          verifier: this.#verifier(),
          codeParser: this.#dependencies.codeParser,
          memory,
          // It stands in for the model that serves, and for no other.
          fast: isDefault ? fast : null,
          clock,
          traces,
          onTraceFailure,
        },
        { events, signal: ended },
      );
      await learning?.learn();
      return result;
    } finally {
      releaseDay();
      running.end(requestId);
      lease.release();
      await valueHead?.dispose();
    }
  }

  /** Null where strategies are not to be remembered. */
  #memoryOf({ strategyMemory }: AskParams): StrategyMemoryFile | null {
    const { settings, stores } = this.#dependencies;
    return (strategyMemory ?? settings().strategyMemory) ? stores().strategyMemory : null;
  }

  /** The head that the user had fitted to this model; null where there is none, or none that serves, which is logged. */
  async #valueHeadOf(info: ModelInfo): Promise<ValueHead | null> {
    const { head, note } = await loadValueHead(this.#dependencies.stores().valueHeadFolder, info);
    if (note !== null) this.#dependencies.log(note);
    return head;
  }

  /** Adds what becomes of the question to the memory. A failure is logged. */
  #learningFrom(params: AskParams, memory: StrategyMemoryFile): OutcomeObserver {
    const onFailure = (error: unknown): void => {
      this.#dependencies.log(`strategy memory: ${toCodedError(error).message}`);
    };
    return new OutcomeObserver({
      memory,
      question: params.question,
      attachment: subjectOf(params),
      onFailure,
    });
  }

  #verifier(): ReturnType<typeof verifierOf> {
    const { settings, workspacePath, isolation, clock } = this.#dependencies;
    return verifierOf(settings(), { workspacePath: workspacePath(), isolation, clock });
  }

  /** How hard a question is for a model. Throws as `ask` does, and where it is cancelled before it knows. */
  async judge(params: DifficultyParams, signal: AbortSignal): Promise<DifficultyJudgement> {
    const { lease } = await this.#router.lease(params.model ?? null, signal);
    try {
      const judgement = await this.#judgeOn(lease, params, signal);
      if (judgement.report === null && signal.aborted) throw cancelled();
      return judgement;
    } finally {
      lease.release();
    }
  }

  /** The model that answers, and what judging the question leaves of the budget where that decides. */
  async #routeOf(params: AskParams, signal: AbortSignal): Promise<Route & { budget: Partial<Budget> }> {
    const { model, question, attachments, difficulty } = params;
    const settings = this.#dependencies.settings();
    let budget = budgetOf(params, settings);
    if (model !== undefined) {
      if (params.route !== undefined) throw oneOfTwo();
      const answering = await this.#router.lease(model, signal);
      const isDefault = model === settings.model && answering.away === null;
      return { ...answering, why: null, isDefault, budget };
    }
    const chosen = difficulty ?? settings.difficulty;
    const models = params.route ?? settings.route;
    const hashOf = async (name: string): Promise<string | null> =>
      isServerModel(name) ? null : (await this.#dependencies.stores().models.resolve(name)).sha256;
    const judge = async (lease: ModelLease) => {
      const asked = { question, budget, ...present({ attachments }) };
      const { report, ledger } = await this.#judgeOn(lease, asked, signal);
      budget = budgetLeft(budget, ledger);
      return report;
    };
    const called = chosen === 'measured' ? null : chosen;
    const standIns = async (): Promise<readonly StandIn[]> => {
      const hash = await hashOf(settings.model);
      return hash === null ? [] : standInsFor(await this.#tables(), hash);
    };
    const route = await this.#router.route(models, { called, standIns, hashOf, judge }, signal);
    return { ...route, budget };
  }

  async #judgeOn(
    { model, estimator }: ModelLease,
    { question, attachments, budget }: DifficultyParams,
    signal: AbortSignal,
  ): Promise<DifficultyJudgement> {
    const { running, daily, clock, onTraceFailure } = this.#dependencies;
    const requestId = this.#dependencies.nextRequestId();
    const ended = running.begin(requestId, new Steering(), signal);
    let releaseDay = (): void => undefined;
    try {
      const asked = {
        question,
        ...present({ attachments, budget }),
        difficulty: 'measured',
        seed: 0,
      } as const;
      const dependencies = {
        model,
        estimator,
        tables: await this.#tables(),
        verifier: null,
        codeParser: null,
      };
      const { request, release } = await this.#requestOf(asked, requestId);
      releaseDay = release;
      const judgement = await judgeDifficulty(request, { ...dependencies, clock, onTraceFailure }, ended);
      daily.book(model.info.identity.name, judgement.ledger);
      return judgement;
    } finally {
      releaseDay();
      running.end(requestId);
    }
  }

  /** Within what the day has left, of which a part is kept for it until it is released. */
  #requestOf(params: AskParams, requestId: string): Promise<DayPart<AskRequest>> {
    const seed = params.seed ?? this.#dependencies.drawSeed();
    return this.#dependencies.daily.keepFor((tokensLeftToday) =>
      askRequestOf(params, this.#dependencies.settings(), { requestId, seed, tokensLeftToday }),
    );
  }

  /** What each class of difficulty leads to, the user's own before what ships. */
  async #tables(): Promise<readonly AutoTable[]> {
    const { table, note } = await readAutoTable(this.#dependencies.stores().autoTable);
    if (note !== null) this.#dependencies.log(note);
    return table === null ? [shippedTable] : [table, shippedTable];
  }
}

/** Says that a model of this machine answers, as the server is away. */
export function awayDecision(why: string | null): readonly SearchEvent[] {
  return why === null ? [] : [{ type: 'decision/made', kind: 'serverAway', candidateId: null, why }];
}

function routingOf(why: string | null): readonly SearchEvent[] {
  return why === null ? [] : [{ type: 'decision/made', kind: 'modelRouted', candidateId: null, why }];
}

function oneOfTwo(): CodedError {
  return new CodedError(
    'parameter.invalid',
    'params.model names the model that answers, and params.route leaves it to the difficulty: it cannot be both.',
    'Give one of them.',
  );
}
