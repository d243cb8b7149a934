import { generatedTokenCount, type Ledger } from '../../protocol/budget.ts';
import { type CodedError, toCodedError } from '../../protocol/codedError.ts';
import { appendTokenColumns } from '../../protocol/tokenColumns.ts';
import {
  type RequestTiming,
  type RunnerEvent,
  type SearchEvent,
  type StopReason,
  type TraceEvent,
  traceVersion,
} from '../../protocol/traceEvent.ts';
import type { Clock } from '../process/clock.ts';
import type { TraceSink } from '../trace/traceFile.ts';
import type { TraceStore } from '../trace/traceStore.ts';
import type { BudgetMeter } from './budgetMeter.ts';
import type { EventSink, RunScope } from './eventChannel.ts';

type StartedEvent = Extract<RunnerEvent, { readonly type: 'request/started' }>;
type SelectedEvent = Extract<SearchEvent, { readonly type: 'answer/selected' }>;
type TokensEvent = Extract<SearchEvent, { readonly type: 'tokens/appended' }>;

/** What is known of a request when it starts. */
export type RequestHeader = Omit<StartedEvent, 'type' | 'version' | 'startedAt'>;

export interface RecorderDependencies {
  readonly meter: BudgetMeter;
  readonly clock: Clock;
  /** `clock.now()` when the request started. */
  readonly startedMs: number;
  /** Null writes no file. */
  readonly traces: TraceStore | null;
  /** Told when the file cannot be written or completed; the request goes on without it. */
  readonly onTraceFailure: (error: CodedError) => void;
}

export interface RecordedRequest {
  /** Null when the request ended before there was anything to select. */
  readonly selected: SelectedEvent | null;
  readonly reason: StopReason;
  readonly ledger: Ledger;
  readonly timing: RequestTiming;
  /** Name of the lossy model that took over; null where none did. */
  readonly writtenBy: string | null;
  /** Null when no file was written, or it is incomplete, or a completion was cancelled. */
  readonly tracePath: string | null;
}

/**
 * Tokens that come sooner than this behind the last that went out wait for the event that follows them, and never
 * beyond this many: a slow engine's go out at once, a quick one's together.
 */
const tokenBatchMs = 33;
const tokenBatchTokens = 64;
const ledgerIntervalMs = 100;

/**
 * Turns what a search reports into the event log: numbers and times events, gathers tokens into batches, reports
 * the ledger, writes the trace file. The first event is `request/started` and the last is `request/finished` or
 * `request/failed`, whatever happens: after the latter the coded error is thrown. Cancellation is a stop reason. The search
 * pushes one event at a time.
 */
export async function recordRequest(
  header: RequestHeader,
  search: (events: EventSink) => Promise<StopReason>,
  {
    dependencies,
    scope: { events, signal },
  }: { readonly dependencies: RecorderDependencies; readonly scope: RunScope<TraceEvent> },
): Promise<RecordedRequest> {
  const recorder = new RequestRecorder(header, dependencies);
  const readerFailures: unknown[] = [];
  const report = async (log: Iterable<TraceEvent>): Promise<void> => {
    try {
      for (const event of log) await events.push(event);
    } catch (thrown) {
      readerFailures.push(thrown);
      throw thrown;
    }
  };
  try {
    await report([recorder.start()]);
    const reason = await search({ push: (event) => report(recorder.take(event)) });
    await report(recorder.finish(reason));
  } catch (thrown) {
    if (readerFailures.length > 0) throw readerFailures[0];
    const error = toCodedError(thrown);
    if (signal.aborted || error.code === 'cancelled') {
      await report(recorder.finish('cancelled'));
    } else {
      await report(recorder.fail(error));
      throw error;
    }
  } finally {
    // Where the reader failed, what it does not see the file still says.
    Array.from(recorder.finish('cancelled'));
    recorder.closeFile();
  }
  return recorder.summary();
}

class RequestRecorder {
  readonly #header: RequestHeader;
  readonly #dependencies: RecorderDependencies;
  #writer: TraceSink | null = null;
  #tracePath: string | null = null;
  #seq = 0;
  #pending: TokensEvent[] = [];
  #flushedMs = 0;
  #ledgerMs = 0;
  #firstTokenMs: number | null = null;
  #lastTokenMs = 0;
  #firstTokenCount = 0;
  #selected: SelectedEvent | null = null;
  #writtenBy: string | null = null;
  #closing: Omit<RecordedRequest, 'tracePath' | 'selected' | 'writtenBy'> | null = null;
  #isClosed = false;

  constructor(header: RequestHeader, dependencies: RecorderDependencies) {
    this.#header = header;
    this.#dependencies = dependencies;
  }

  start(): TraceEvent {
    const { traces, clock } = this.#dependencies;
    this.#guardFile(() => {
      this.#writer = traces?.create(this.#header, this.#endNow) ?? null;
      this.#tracePath = this.#writer?.path ?? null;
    });
    const startedAt = clock.date().toISOString();
    return this.#emit({ type: 'request/started', version: traceVersion, startedAt, ...this.#header });
  }

  *take(event: SearchEvent): Generator<TraceEvent, void, void> {
    if (event.type === 'tokens/appended') {
      yield* this.#takeTokens(event);
    } else {
      if (event.type === 'answer/selected') this.#selected = event;
      if (event.type === 'model/switched') this.#writtenBy = event.model.name;
      yield* this.#flush();
      yield this.#emit(event);
    }
    if (this.#elapsedMs() - this.#ledgerMs >= ledgerIntervalMs) yield this.#reportLedger();
  }

  /** Nothing once the process has ended the trace. */
  *finish(reason: StopReason): Generator<TraceEvent, void, void> {
    if (this.#isClosed) return;
    yield* this.#flush();
    this.#isClosed = true;
    const ledger = this.#dependencies.meter.getState();
    const timing = this.#timing(ledger);
    this.#closing = { reason, ledger, timing };
    yield this.#emit({ type: 'request/finished', reason, ledger, timing });
  }

  /** As `finish`. */
  *fail(error: CodedError): Generator<TraceEvent, void, void> {
    if (this.#isClosed) return;
    yield* this.#flush();
    this.#isClosed = true;
    const ledger = this.#dependencies.meter.getState();
    yield this.#emit({ type: 'request/failed', error: error.toData(), ledger });
  }

  /** The process does not wait for the request. */
  readonly #endNow = (): void => {
    Array.from(this.finish('cancelled'));
    this.closeFile();
  };

  /** Nothing is kept of a completion that was cancelled: with every key that is typed there may be one. */
  closeFile(): void {
    const writer = this.#writer;
    this.#writer = null;
    if (writer === null) return;
    if (this.#header.kind === 'completion' && this.#closing?.reason === 'cancelled') {
      this.#tracePath = null;
      this.#dependencies.traces?.discard(writer);
    } else {
      this.#guardFile(() => this.#dependencies.traces?.close(writer));
    }
  }

  summary(): RecordedRequest {
    if (this.#closing === null) throw new Error('Only a finished request has a summary.');
    return {
      ...this.#closing,
      selected: this.#selected,
      writtenBy: this.#writtenBy,
      tracePath: this.#tracePath,
    };
  }

  /** Tokens go out at once when none went out lately, and otherwise together with those that follow. */
  *#takeTokens(event: TokensEvent): Generator<TraceEvent, void, void> {
    const now = this.#elapsedMs();
    const count = event.tokens.ids.length;
    if (this.#firstTokenMs === null) {
      this.#firstTokenMs = now;
      this.#firstTokenCount = count;
    }
    this.#lastTokenMs = now;
    const place = this.#pending.findIndex(
      (waiting) => waiting.candidateId === event.candidateId && waiting.purpose === event.purpose,
    );
    const waiting = this.#pending[place];
    if (waiting === undefined) this.#pending.push(event);
    else this.#pending[place] = { ...waiting, tokens: appendTokenColumns(waiting.tokens, event.tokens) };
    const pendingCount = this.#pending.reduce((sum, { tokens }) => sum + tokens.ids.length, 0);
    if (now - this.#flushedMs >= tokenBatchMs || pendingCount >= tokenBatchTokens) yield* this.#flush();
  }

  *#flush(): Generator<TraceEvent, void, void> {
    if (this.#pending.length === 0) return;
    const events = this.#pending;
    this.#pending = [];
    this.#flushedMs = this.#elapsedMs();
    for (const event of events) yield this.#emit(event);
  }

  #reportLedger(): TraceEvent {
    this.#ledgerMs = this.#elapsedMs();
    return this.#emit({ type: 'ledger/updated', ledger: this.#dependencies.meter.getState() });
  }

  #emit(event: SearchEvent | RunnerEvent): TraceEvent {
    const numbered = { ...event, seq: this.#seq++, timeMs: Math.round(this.#elapsedMs() * 1000) / 1000 };
    this.#guardFile(() => this.#writer?.write(numbered));
    return numbered;
  }

  /** A file that fails once is given up: a trace with a gap would be worse than a cut one. */
  #guardFile(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.closeFile();
      this.#tracePath = null;
      this.#dependencies.onTraceFailure(toCodedError(error));
    }
  }

  #elapsedMs(): number {
    return this.#dependencies.clock.now() - this.#dependencies.startedMs;
  }

  #timing(ledger: Ledger): RequestTiming {
    const first = this.#firstTokenMs;
    if (first === null) return { timeToFirstTokenMs: null, decodeTokensPerSecond: null };
    const seconds = (this.#lastTokenMs - first) / 1000;
    // What judged the candidates was generated outside that time.
    const tokens = generatedTokenCount(ledger) - ledger.tokens.verification - this.#firstTokenCount;
    return { timeToFirstTokenMs: first, decodeTokensPerSecond: seconds > 0 ? tokens / seconds : null };
  }
}
