import type { Budget, Ledger } from '../../protocol/budget.ts';
import type { CodedError } from '../../protocol/codedError.ts';
import type { ModelHealth, SuppressedReason } from '../../protocol/health.ts';
import type {
  CompleteParams,
  CompleteResult,
  CompletionItem,
  CompletionProgress,
  CompletionReport,
  SidecarSettings,
} from '../../protocol/messages.ts';
import type { RequestId, TraceEvent } from '../../protocol/traceEvent.ts';
import { initialTraceState, reduceTrace, type TraceState } from '../../protocol/traceState.ts';
import type { DocumentStore } from '../documents/documentStore.ts';
import type { Model, TokenId } from '../engine/engine.ts';
import type { Clock } from '../process/clock.ts';
import { emptyFront, type InfillFront } from '../prompts/infillFront.ts';
import type { InfillBudget } from '../prompts/infillPrompt.ts';
import { BudgetMeter } from '../request/budgetMeter.ts';
import { type EventSink, sinkTo } from '../request/eventChannel.ts';
import { hashPromptTokens } from '../request/promptHash.ts';
import { recordRequest, type RequestHeader } from '../request/requestRecorder.ts';
import { sequenceOptionsFor } from '../request/sequenceOptions.ts';
import type { Steering } from '../request/steering.ts';
import type { ShapeReaders } from '../syntax/shapeReaders.ts';
import type { TraceStore } from '../trace/traceStore.ts';
import { completionItems } from './completionItems.ts';
import { type CompletionPlace, completionPlace } from './completionPlace.ts';
import { completionPrompt, type Prompting, wholeBudget, windowLimits } from './completionPrompt.ts';
import { CompletionWatch } from './completionWatch.ts';
import {
  cursorContext,
  type ContextLimits,
  type CursorContext,
  isInsideWord,
  repeatsWord,
} from './cursorContext.ts';
import { DraftedDocuments } from './draftedDocuments.ts';
import { fillInTheMiddle, greedySampler, type InfillContext } from './fillInTheMiddle.ts';
import type { OtherFiles } from './otherFiles.ts';
import type { ChosenPrompt, PromptReading } from './promptReading.ts';
import { requestedPlace, type RequestedPlace, placeTitle } from './requestedPlace.ts';
import { TypedDocuments } from './typedDocuments.ts';

export interface CompleterDependencies {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  /** Reads how code is built. */
  readonly shapes: ShapeReaders;
  readonly settings: () => SidecarSettings;
  /** Health of the model that writes completions. */
  readonly health: () => ModelHealth;
  /** Waits for a model that is loading; it stays loaded until it is released. */
  readonly acquireModel: (signal: AbortSignal) => Promise<LeasedModel>;
  readonly traces: () => TraceStore;
  readonly onTraceFailure: (error: CodedError) => void;
  /** Whether the day's tokens are used up, so that nothing is to be completed that nobody asked for. */
  readonly isDaySpent: () => Promise<boolean>;
  /** Called with what each completion has cost, whatever became of it. */
  readonly book: (model: string, ledger: Ledger) => void;
  /** Another way to ask than the product's own; there to be compared with. */
  readonly prompting?: Prompting;
  /** Parts of other files that come before prompts; none when absent. */
  readonly otherFiles?: Pick<OtherFiles, 'began' | 'ended' | 'frontOf'>;
  /** Reads prompts in time. */
  readonly reading: PromptReading;
  /** Time of an automatic completion; null for no limit, `completionTimeMs` when absent. */
  readonly timeLimitMs?: number | null;
}

/**
 * An automatic completion that has taken so long ends where a line has ended, else with the first line that does. Reading the
 * prompt is not broken off: all of it would have to be read again for the next one.
 */
const completionTimeMs = 5000;

/** A model of its owner's, lent until `release`. */
export interface LeasedModel {
  readonly model: Model;
  release(): void;
}

/** A completion request as its owner registered it. */
export interface CompletionTask {
  readonly requestId: RequestId;
  readonly steering: Steering;
  /** Gets how far the completion is. */
  readonly report: (progress: readonly CompletionProgress[]) => void;
}

/** What was decided about a completion before it is written. */
interface CompletionRun extends CompletionTask {
  readonly model: Model;
  readonly prompt: readonly TokenId[];
  readonly maxTokens: number;
  readonly startedMs: number;
  readonly at: CompletionPlace;
}

/** Completes code at a position of an open document. Every request ends with items or with a tagged reason. */
export class Completer {
  readonly #dependencies: CompleterDependencies;
  readonly #drafted = new DraftedDocuments();
  readonly #typed = new TypedDocuments();

  constructor(dependencies: CompleterDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Throws `document.unknown`, and for a request the user made by hand what keeps the model from serving. An
   * automatic one is suppressed instead: nothing pops up while typing. Cancellation gives an empty result.
   */
  async complete(params: CompleteParams, task: CompletionTask, signal: AbortSignal): Promise<CompleteResult> {
    const { otherFiles } = this.#dependencies;
    otherFiles?.began();
    try {
      return await this.#complete(params, task, signal);
    } finally {
      otherFiles?.ended(params.textDocument.uri, params.position);
    }
  }

  async #complete(
    params: CompleteParams,
    task: CompletionTask,
    signal: AbortSignal,
  ): Promise<CompleteResult> {
    const startedMs = this.#dependencies.clock.now();
    const place = requestedPlace(this.#dependencies.documents, params);
    const cursor = cursorContext(place.text, place.offset, this.#limits);
    const isAutomatic = params.trigger === 'automatic';
    if (cursor.splitsCharacter) return this.#suppressed('insideCharacter', startedMs);
    if (isAutomatic && !cursor.mustRegenerate && isInsideWord(cursor)) {
      return this.#suppressed('insideWord', startedMs);
    }
    // One that was unloaded comes back when it is asked for.
    if (isAutomatic && !['ready', 'unloaded'].includes(this.#dependencies.health().state)) {
      return this.#suppressed('engineNotReady', startedMs);
    }
    if (isAutomatic && (await this.#dependencies.isDaySpent())) {
      return this.#suppressed('dailyBudgetSpent', startedMs);
    }
    let lease: LeasedModel | null = null;
    const endRequest = this.#dependencies.reading.beginRequest();
    try {
      lease = await this.#dependencies.acquireModel(signal);
      const { model } = lease;
      if (model.info.infill === null) return this.#suppressed('modelLacksInfill', startedMs);
      const maxTokens = params.maxTokens ?? this.#dependencies.settings().completionMaxTokens;
      const [{ prompt, whole }, at] = await Promise.all([
        this.#prompt(model, cursor, { params, maxTokens }),
        // Parsed on this thread while the engine's tokenizes.
        this.#read(place),
      ]);
      const result = await this.#run(place, { ...task, model, prompt, maxTokens, startedMs, at }, signal);
      const isTyped = this.#typed.asked(params.textDocument.uri, place.version);
      // The answer does not wait for it, and nothing depends on it. What is not in the document is not remembered.
      if (params.assumed === undefined) void this.#remember(model, place);
      if (whole !== null && isTyped) void this.#dependencies.reading.readWhileIdle(model, whole);
      return result;
    } catch (thrown) {
      if (signal.aborted) return this.#suppressed('cancelled', startedMs);
      throw thrown;
    } finally {
      endRequest();
      lease?.release();
    }
  }

  /** A short prompt where the whole one would take too long; with a seed always the same one, so the whole. */
  async #prompt(
    model: Model,
    cursor: CursorContext,
    { params, maxTokens }: { readonly params: CompleteParams; readonly maxTokens: number },
  ): Promise<ChosenPrompt> {
    const { seed } = params;
    const front = this.#frontOf(model, params);
    const { layout, closers } = this.#dependencies.prompting ?? {};
    const build = (within: InfillBudget, isWhole: boolean): Promise<readonly TokenId[]> =>
      completionPrompt(model, cursor, {
        ...{ maxTokens, within, isUrgent: true, front: isWhole ? front : emptyFront },
        ...(layout !== undefined && { layout }),
        ...(closers !== undefined && { closers }),
      });
    const whole = wholeBudget(model, front, maxTokens);
    if (seed !== undefined) return { prompt: await build(whole, true), whole: null };
    return this.#dependencies.reading.choose(model, whole, build);
  }

  /** For the drafts of the completions to come. Never rejects: a model that was unloaded meanwhile remembers nothing. */
  async #remember(model: Model, { params, version, text }: RequestedPlace): Promise<void> {
    const { uri } = params.textDocument;
    try {
      await this.#drafted.offer(model, { uri, version, text }, this.#dependencies.clock.now());
    } catch {
      // Whatever is wrong with the model shows in the next request.
    }
  }

  /** Who names a seed wants the same text again, whatever was looked at before. */
  #frontOf(model: Model, { seed, textDocument }: CompleteParams): InfillFront {
    const { otherFiles } = this.#dependencies;
    return seed === undefined ? (otherFiles?.frontOf(model, textDocument.uri) ?? emptyFront) : emptyFront;
  }

  get #limits(): ContextLimits {
    return { ...windowLimits, healing: this.#dependencies.prompting?.healing ?? 'run' };
  }

  async #read(place: RequestedPlace): Promise<CompletionPlace> {
    const { settings, shapes } = this.#dependencies;
    const multiline = place.params.multiline ?? settings().multiline;
    const read = await shapes.of(place.languageId);
    return completionPlace(place, {
      limits: this.#limits,
      multiline,
      read,
      formatting: place.params.formatting,
      insertsOnly: place.params.insertsOnly,
    });
  }

  async #run(place: RequestedPlace, run: CompletionRun, signal: AbortSignal): Promise<CompleteResult> {
    const { clock, traces, onTraceFailure } = this.#dependencies;
    const { params } = place;
    const { requestId, steering, model, prompt, startedMs, at } = run;
    const budget = completionBudget(run.maxTokens, this.#timeLimitOf(params));
    const meter = new BudgetMeter(budget, () => clock.now() - startedMs);
    const context: InfillContext = {
      model,
      promptTokens: prompt,
      sequenceOptions: sequenceOptionsFor('interactive', 'completion', params.seed),
      meter,
      steering,
      candidateCount: params.candidates ?? 1,
      seed: params.seed ?? 0,
      place: at,
    };
    let state = initialTraceState;
    const events = sinkTo((event: TraceEvent) => {
      state = reduceTrace(state, event);
    });
    try {
      await recordRequest(
        headerOf(place, run, context),
        (log) => fillInTheMiddle(context, { events: this.#watched(place, run, log), signal }),
        {
          dependencies: { meter, clock, startedMs, traces: traces(), onTraceFailure },
          scope: { events, signal },
        },
      );
    } finally {
      this.#dependencies.book(model.info.identity.name, state.ledger);
    }
    if (state.prefill !== null) this.#dependencies.reading.note(model, prompt, state.prefill);
    return this.#result(place, { model, at, state, requestId, startedMs });
  }

  #timeLimitOf({ trigger }: CompleteParams): number | null {
    const { timeLimitMs = completionTimeMs } = this.#dependencies;
    return trigger === 'automatic' ? timeLimitMs : null;
  }

  /** Only a client that gave a token is sent progress, and only for it is any worked out. */
  #watched(place: RequestedPlace, { at, report }: CompletionRun, log: EventSink): EventSink {
    if (place.params.partialResultToken === undefined) return log;
    const isOffered = (item: CompletionItem): boolean => this.#isOffered(item, place, at);
    return new CompletionWatch(at, { report, isOffered }).watching(log);
  }

  #isOffered(item: CompletionItem, { params }: RequestedPlace, { cursor }: CompletionPlace): boolean {
    return params.trigger !== 'automatic' || !repeatsWord(item.text, cursor);
  }

  #result(
    place: RequestedPlace,
    done: {
      readonly model: Model;
      readonly at: CompletionPlace;
      readonly state: TraceState;
      readonly requestId: RequestId;
      readonly startedMs: number;
    },
  ): CompleteResult {
    const { model, at, state, requestId, startedMs } = done;
    const found = completionItems(state.candidates, at);
    const items = found.items.filter((item) => this.#isOffered(item, place, at));
    const suppressed =
      this.#lateReason(place, state) ?? found.suppressed ?? (items.length === 0 ? 'insideWord' : null);
    const { tokens } = state.ledger;
    const report: CompletionReport = {
      requestId,
      suppressed,
      model: model.info.identity.name,
      promptTokenCount: state.prefill?.tokenCount ?? 0,
      cachedTokenCount: state.prefill?.cachedTokenCount ?? 0,
      generatedTokenCount: tokens.answer,
      timing: state.status.type === 'finished' ? state.status.timing : noTiming,
      durationMs: this.#dependencies.clock.now() - startedMs,
    };
    return { items: suppressed === null ? items : [], report };
  }

  /** What makes a completion worthless: it was ended before it was whole, or the document has moved on. */
  #lateReason({ params, version }: RequestedPlace, { status }: TraceState): SuppressedReason | null {
    if (status.type !== 'finished' || status.reason !== 'answered') return 'cancelled';
    if (params.acceptsStale === true) return null;
    return this.#dependencies.documents.versionOf(params.textDocument.uri) === version ? null : 'stale';
  }

  #suppressed(reason: SuppressedReason, startedMs: number): CompleteResult {
    const durationMs = this.#dependencies.clock.now() - startedMs;
    return {
      items: [],
      report: {
        requestId: null,
        suppressed: reason,
        model: null,
        promptTokenCount: 0,
        cachedTokenCount: 0,
        generatedTokenCount: 0,
        timing: noTiming,
        durationMs,
      },
    };
  }
}

/** The request as its log begins. */
function headerOf(
  { params }: RequestedPlace,
  { requestId, model, prompt }: CompletionRun,
  { seed, candidateCount, meter }: InfillContext,
): RequestHeader {
  return {
    requestId,
    kind: 'completion',
    title: placeTitle(params),
    model: model.info.identity,
    seed,
    sampler: greedySampler,
    strategy: 'direct',
    candidateCount,
    budget: meter.budget,
    promptHash: hashPromptTokens(prompt),
    promptTokenCount: prompt.length,
  };
}

const noTiming = { timeToFirstTokenMs: null, decodeTokensPerSecond: null };

/** A completion thinks nothing; each candidate may write as much as the user's limit says. */
function completionBudget(maxTokens: number, durationMs: number | null): Budget {
  return {
    thoughtTokensPerCandidate: 0,
    answerTokensPerCandidate: maxTokens,
    generatedTokens: null,
    durationMs,
  };
}
