import type { Budget, Ledger } from '../../protocol/budget.ts';
import type { CodedError } from '../../protocol/codedError.ts';
import type { Health, SuppressedReason } from '../../protocol/health.ts';
import type {
  CompleteParams,
  CompleteResult,
  CompletionReport,
  SidecarSettings,
} from '../../protocol/messages.ts';
import type { RequestId, SearchEvent, StopReason } from '../../protocol/traceEvent.ts';
import { initialTraceState, reduceTrace, type TraceState } from '../../protocol/traceState.ts';
import type { DocumentStore } from '../documents/documentStore.ts';
import type { Model, TokenId } from '../engine/engine.ts';
import type { Clock } from '../process/clock.ts';
import { budgetWithin, buildInfillPrompt, infillBudget } from '../prompts/infillPrompt.ts';
import { BudgetMeter } from '../request/budgetMeter.ts';
import { type FastModelAccess, type FastModelLease, switchedTo } from '../request/fastModelAccess.ts';
import { hashPromptTokens } from '../request/promptHash.ts';
import { recordRequest } from '../request/requestRecorder.ts';
import { sequenceOptionsFor } from '../request/sequenceOptions.ts';
import type { Steering } from '../request/steering.ts';
import type { TraceStore } from '../trace/traceStore.ts';
import { completionItems } from './completionItems.ts';
import {
  cursorContext,
  type CursorContext,
  type Healing,
  isInsideWord,
  type Reach,
  reachAt,
  repeatsWord,
} from './cursorContext.ts';
import { DraftedDocuments } from './draftedDocuments.ts';
import { fillInTheMiddle, greedySampler, type InfillContext } from './fillInTheMiddle.ts';

export interface CompleterDependencies {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly settings: () => SidecarSettings;
  readonly health: () => Health;
  /** Waits for a model that is loading; it stays loaded until it is released. */
  readonly acquireModel: (signal: AbortSignal) => Promise<LeasedModel>;
  /** The lossy model that may write completions; null for none. */
  readonly fast: () => FastModelAccess | null;
  readonly traces: () => TraceStore;
  readonly onTraceFailure: (error: CodedError) => void;
  /** Whether the day's tokens are used up, so that nothing is to be completed that nobody asked for. */
  readonly isDaySpent: () => Promise<boolean>;
  /** Told what each completion has cost, whatever became of it. */
  readonly book: (model: string, ledger: Ledger) => void;
  /** What before the cursor is generated again; the run of characters when absent. */
  readonly healing?: Healing;
}

/** A model of its owner's, lent until `release`. */
export interface LeasedModel {
  readonly model: Model;
  release(): void;
}

/** Characters that a token of code has at most on average: what is taken from the document before tokenizing. */
const charsPerToken = 4;
const windowLimits = {
  beforeChars: infillBudget.prefixTokens * charsPerToken,
  afterChars: infillBudget.suffixTokens * charsPerToken,
};

/** A completion request as its owner registered it. */
export interface CompletionTask {
  readonly requestId: RequestId;
  readonly steering: Steering;
}

/** A place to complete at, as it was when the request came. */
interface Place {
  readonly params: CompleteParams;
  readonly cursor: CursorContext;
  readonly reach: Reach;
  readonly version: number;
  readonly text: string;
}

/** Completes code at a position of an open document. Every request ends with items or with a tagged reason. */
export class Completer {
  readonly #parts: CompleterDependencies;
  readonly #drafted = new DraftedDocuments();

  constructor(parts: CompleterDependencies) {
    this.#parts = parts;
  }

  /**
   * Throws `document.unknown`, and for a request the user made by hand what keeps the model from serving. An
   * automatic one is suppressed instead: nothing pops up while typing. Cancellation gives an empty result.
   */
  async complete(params: CompleteParams, task: CompletionTask, signal: AbortSignal): Promise<CompleteResult> {
    const startedMs = this.#parts.clock.now();
    const place = this.#locate(params);
    const isAutomatic = params.trigger === 'automatic';
    if (place.cursor.splitsCharacter) return this.#suppressed('insideCharacter', startedMs);
    if (isAutomatic && !place.cursor.mustRegenerate && isInsideWord(place.cursor)) {
      return this.#suppressed('insideWord', startedMs);
    }
    if (isAutomatic && this.#parts.health().state !== 'ready') {
      return this.#suppressed('engineNotReady', startedMs);
    }
    if (isAutomatic && (await this.#parts.isDaySpent())) {
      return this.#suppressed('dailyBudgetSpent', startedMs);
    }
    let lease: LeasedModel | null = null;
    let fast: FastModelLease | null = null;
    try {
      lease = await this.#parts.acquireModel(signal);
      fast = (await this.#parts.fast()?.acquire(lease.model, signal)) ?? null;
      const model = fast?.model ?? lease.model;
      if (model.info.infill === null) return this.#suppressed('modelLacksInfill', startedMs);
      const maxTokens = params.maxTokens ?? this.#parts.settings().completionMaxTokens;
      const prompt = await buildInfillPrompt(
        model,
        { prefix: promptBefore(place.cursor), suffix: place.cursor.after },
        budgetWithin(model.info.contextTokens, maxTokens),
        { isUrgent: true },
      );
      const result = await this.#run(
        place,
        { ...task, model: lease.model, fast, prompt, maxTokens, startedMs },
        signal,
      );
      // The answer does not wait for it, and nothing depends on it.
      void this.#remember(model, place);
      return result;
    } catch (thrown) {
      if (signal.aborted) return this.#suppressed('cancelled', startedMs);
      throw thrown;
    } finally {
      fast?.release();
      lease?.release();
    }
  }

  /** For the drafts of the completions to come. Never rejects: a model that was unloaded meanwhile remembers nothing. */
  async #remember(model: Model, { params, version, text }: Place): Promise<void> {
    const { uri } = params.textDocument;
    try {
      await this.#drafted.offer(model, { uri, version, text }, this.#parts.clock.now());
    } catch {
      // Whatever is wrong with the model shows in the next request.
    }
  }

  /** Reads everything from the document at once, since it may change with the next message. */
  #locate(params: CompleteParams): Place {
    const document = this.#parts.documents.get(params.textDocument.uri);
    const text = document.getText();
    const { healing = 'run' } = this.#parts;
    const cursor = cursorContext(text, document.offsetAt(params.position), { ...windowLimits, healing });
    const reach = reachAt(cursor, params.multiline ?? this.#parts.settings().multiline);
    return { params, cursor, reach, version: document.version, text };
  }

  async #run(
    place: Place,
    run: CompletionTask & {
      readonly model: Model;
      readonly fast: FastModelLease | null;
      readonly prompt: readonly TokenId[];
      readonly maxTokens: number;
      readonly startedMs: number;
    },
    signal: AbortSignal,
  ): Promise<CompleteResult> {
    const { clock, traces, onTraceFailure } = this.#parts;
    const { params, cursor, reach } = place;
    const { requestId, steering, model, fast, prompt, startedMs } = run;
    const candidateCount = params.candidates ?? 1;
    const seed = params.seed ?? 0;
    const budget = completionBudget(run.maxTokens);
    const meter = new BudgetMeter(budget, () => clock.now() - startedMs);
    const events = recordRequest(
      {
        requestId,
        kind: 'completion',
        title: titleOf(params),
        model: model.info.identity,
        seed,
        sampler: greedySampler,
        strategy: 'direct',
        candidateCount,
        budget,
        promptHash: hashPromptTokens(prompt),
        promptTokenCount: prompt.length,
      },
      writtenBy(
        fast,
        {
          model: fast?.model ?? model,
          promptTokens: prompt,
          sequenceOptions: sequenceOptionsFor('interactive', 'completion', params.seed),
          meter,
          steering,
          candidateCount,
          seed,
          cursor,
          reach,
        },
        signal,
      ),
      { dependencies: { meter, clock, startedMs, traces: traces(), onTraceFailure }, signal },
    );
    let state = initialTraceState;
    try {
      for await (const event of events) state = reduceTrace(state, event);
    } finally {
      this.#parts.book(model.info.identity.name, state.ledger);
    }
    return this.#result(place, { state, requestId, startedMs });
  }

  #result(
    place: Place,
    done: { readonly state: TraceState; readonly requestId: RequestId; readonly startedMs: number },
  ): CompleteResult {
    const { state, requestId, startedMs } = done;
    const found = completionItems(state.candidates, place.cursor, place.reach);
    const items = found.items.filter(
      ({ text }) => place.params.trigger !== 'automatic' || !repeatsWord(text, place.cursor),
    );
    const suppressed =
      this.#lateReason(place, state) ?? found.suppressed ?? (items.length === 0 ? 'insideWord' : null);
    const { tokens } = state.ledger;
    const report: CompletionReport = {
      requestId,
      suppressed,
      fastModel: state.switched?.model.name ?? null,
      promptTokenCount: state.prefill?.tokenCount ?? 0,
      cachedTokenCount: state.prefill?.cachedTokenCount ?? 0,
      generatedTokenCount: tokens.answer,
      timing: state.status.type === 'finished' ? state.status.timing : noTiming,
      durationMs: this.#parts.clock.now() - startedMs,
    };
    return { items: suppressed === null ? items : [], report };
  }

  /** What makes a completion worthless: it was ended before it was whole, or the document has moved on. */
  #lateReason({ params, version }: Place, { status }: TraceState): SuppressedReason | null {
    if (status.type !== 'finished' || status.reason !== 'answered') return 'cancelled';
    return this.#parts.documents.versionOf(params.textDocument.uri) === version ? null : 'stale';
  }

  #suppressed(reason: SuppressedReason, startedMs: number): CompleteResult {
    const durationMs = this.#parts.clock.now() - startedMs;
    return {
      items: [],
      report: {
        requestId: null,
        suppressed: reason,
        fastModel: null,
        promptTokenCount: 0,
        cachedTokenCount: 0,
        generatedTokenCount: 0,
        timing: noTiming,
        durationMs,
      },
    };
  }
}

/** Fills in the middle, and says first that the fast model does so. */
async function* writtenBy(
  fast: FastModelLease | null,
  context: InfillContext,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, StopReason, void> {
  if (fast !== null) yield switchedTo(fast, 'Completions are left to the fast model; it is lossy.');
  return yield* fillInTheMiddle(context, signal);
}

function promptBefore({ before, regenerated }: CursorContext): string {
  return before.slice(0, before.length - regenerated.length);
}

const noTiming = { timeToFirstTokenMs: null, decodeTokensPerSecond: null };

/** A completion thinks nothing; each candidate may write as much as the user's limit says. */
function completionBudget(maxTokens: number): Budget {
  return {
    thoughtTokensPerCandidate: 0,
    answerTokensPerCandidate: maxTokens,
    generatedTokens: null,
    durationMs: null,
  };
}

/** `file:line:column`, counted from 1 as editors show it. */
function titleOf({ textDocument, position }: CompleteParams): string {
  const file = textDocument.uri.slice(textDocument.uri.lastIndexOf('/') + 1);
  return `${decode(file)}:${position.line + 1}:${position.character + 1}`;
}

function decode(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}
