import * as vscode from 'vscode';
import { generatedTokenCount } from '../../protocol/budget.ts';
import type { CodedError } from '../../protocol/codedError.ts';
import { counted } from '../../protocol/counted.ts';
import type { EditParams, EditResult } from '../../protocol/edit.ts';
import type { AskResult, SteerParams } from '../../protocol/messages.ts';
import type { RequestId, TraceEvent } from '../../protocol/traceEvent.ts';
import { toRequestError } from '../engine/requestError.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import type { FollowedTraces } from '../traces/followedTraces.ts';
import type { AskedQuestions, AskedQuestion } from './askedQuestions.ts';

/** What a question cost, for the status bar. */
export interface AskCost {
  readonly tokens: number;
  readonly tokensPerSecond: number | null;
  /** Name of the lossy model that wrote the answer; null for the one that serves. */
  readonly writtenBy: string | null;
}

/** A question that has neither been answered nor failed. */
interface OpenAsk {
  readonly cancellation: vscode.CancellationTokenSource;
  /** Null until its first event, as while a model is loaded for it. */
  requestId: RequestId | null;
}

type TraceListener = (events: readonly TraceEvent[]) => void;

/** How a request is sent and followed. */
interface Run<R> {
  send(onEvents: TraceListener, token: vscode.CancellationToken): Promise<R>;
  readonly onStarted?: (requestId: RequestId) => void;
  readonly onEvents?: TraceListener;
  readonly token?: vscode.CancellationToken;
}

/** What results of questions and edits have in common. */
type RunResult = Pick<AskResult, 'requestId' | 'reason' | 'ledger' | 'timing'> &
  Partial<Pick<AskResult, 'writtenBy'>>;

/** Runs questions and edits, and keeps their events, so that a panel can be filled from them at any time. */
export class AskRunner implements vscode.Disposable {
  readonly #store: FollowedTraces;
  readonly #asked: AskedQuestions;
  readonly #log: vscode.LogOutputChannel;
  readonly #open = new Set<OpenAsk>();
  readonly #appended = new vscode.EventEmitter<{ requestId: RequestId; events: readonly TraceEvent[] }>();
  readonly #runningChanged = new vscode.EventEmitter<void>();
  readonly #finished = new vscode.EventEmitter<AskCost>();

  constructor(parts: {
    readonly store: FollowedTraces;
    readonly asked: AskedQuestions;
    readonly log: vscode.LogOutputChannel;
  }) {
    this.#store = parts.store;
    this.#asked = parts.asked;
    this.#log = parts.log;
  }

  readonly onAppended = this.#appended.event;
  /** Fires when the answer to `isRunning` may have changed. */
  readonly onRunningChanged = this.#runningChanged.event;
  readonly onFinished = this.#finished.event;

  get isRunning(): boolean {
    return this.#open.size > 0;
  }

  /** Resolves when the question is answered or stopped. `onStarted` is called once it is being answered. Rejects with a `CodedError`; the trace is closed either way. */
  ask(connection: SidecarConnection, question: AskedQuestion, onStarted?: () => void): Promise<AskResult> {
    return this.#follow('Question', {
      send: (onEvents, token) => connection.ask(question, onEvents, token),
      onStarted: (requestId) => {
        this.#asked.remember(requestId, question);
        onStarted?.();
      },
    });
  }

  /** Has a document edited; `token` ends it. Its trace is one of this window, too. Rejects with a `CodedError`. */
  edit(
    connection: SidecarConnection,
    params: Omit<EditParams, 'partialResultToken'>,
    { onEvents, token }: { readonly onEvents: TraceListener; readonly token: vscode.CancellationToken },
  ): Promise<EditResult> {
    return this.#follow('Edit', {
      send: (listener, ownToken) => connection.edit(params, listener, ownToken),
      onEvents,
      token,
    });
  }

  async #follow<R extends RunResult>(name: string, run: Run<R>): Promise<R> {
    const open: OpenAsk = { cancellation: new vscode.CancellationTokenSource(), requestId: null };
    const cancel = run.token?.onCancellationRequested(() => {
      open.cancellation.cancel();
    });
    this.#open.add(open);
    this.#runningChanged.fire();
    try {
      const result = await run.send((events) => {
        const requestId = this.#store.append(open.requestId, events);
        if (requestId !== null && requestId !== open.requestId) run.onStarted?.(requestId);
        open.requestId = requestId;
        if (open.requestId !== null) this.#appended.fire({ requestId: open.requestId, events });
        run.onEvents?.(events);
      }, open.cancellation.token);
      const tokens = generatedTokenCount(result.ledger);
      const tokensPerSecond = result.timing.decodeTokensPerSecond;
      this.#log.info(
        `${name} ${result.requestId}: ${result.reason}, ${counted(tokens, 'token')}, ${Math.round(result.ledger.durationMs)} ms.`,
      );
      this.#finished.fire({ tokens, tokensPerSecond, writtenBy: result.writtenBy ?? null });
      return result;
    } catch (thrown) {
      const error = toRequestError(thrown);
      this.#close(open.requestId, error);
      throw error;
    } finally {
      this.#open.delete(open);
      cancel?.dispose();
      open.cancellation.dispose();
      this.#runningChanged.fire();
    }
  }

  /** Changes a running request; one that has ended meanwhile is left as it is. */
  async steer(connection: SidecarConnection, steer: SteerParams): Promise<void> {
    const { accepted } = await connection.request('entropane/steer', steer);
    this.#log.info(
      `${steer.action} for ${steer.requestId}: ${accepted ? 'accepted' : 'it had ended already'}.`,
    );
  }

  /** Cancels every question that has not begun, and says whether there was one. */
  cancelWaiting(): boolean {
    const waiting = [...this.#open].filter(({ requestId }) => requestId === null);
    for (const { cancellation } of waiting) cancellation.cancel();
    return waiting.length > 0;
  }

  dispose(): void {
    for (const { cancellation } of this.#open) cancellation.cancel();
    this.#appended.dispose();
    this.#runningChanged.dispose();
    this.#finished.dispose();
  }

  /** Ends a trace that the sidecar did not end, because it is gone. */
  #close(requestId: RequestId | null, error: CodedError): void {
    if (requestId === null) return;
    const closing = this.#store.fail(requestId, error.toData());
    if (closing !== null) this.#appended.fire({ requestId, events: [closing] });
  }
}
