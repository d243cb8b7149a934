import * as vscode from 'vscode';
import { generatedTokenCount } from '../../protocol/budget.ts';
import type { CodedError } from '../../protocol/codedError.ts';
import type { AskParams, AskResult, SteerParams } from '../../protocol/messages.ts';
import type { RequestId, TraceEvent } from '../../protocol/traceEvent.ts';
import { toRequestError } from '../engine/requestError.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import type { TraceStore } from '../tracePanel/traceStore.ts';

/** What a question cost, for the status bar. */
export interface AskCost {
  readonly tokens: number;
  readonly tokensPerSecond: number | null;
}

/** Runs questions and keeps their events, so that a panel can be filled from them at any time. */
export class AskRunner implements vscode.Disposable {
  readonly #store: TraceStore;
  readonly #log: vscode.LogOutputChannel;
  readonly #window = new vscode.CancellationTokenSource();
  readonly #appended = new vscode.EventEmitter<{ requestId: RequestId; events: readonly TraceEvent[] }>();
  readonly #runningChanged = new vscode.EventEmitter<void>();
  readonly #finished = new vscode.EventEmitter<AskCost>();
  #pendingCount = 0;

  constructor(store: TraceStore, log: vscode.LogOutputChannel) {
    this.#store = store;
    this.#log = log;
  }

  readonly onAppended = this.#appended.event;
  /** Fires when the answer to `isRunning` may have changed. */
  readonly onRunningChanged = this.#runningChanged.event;
  readonly onFinished = this.#finished.event;

  get isRunning(): boolean {
    return this.#pendingCount > 0;
  }

  /** Resolves when the question is answered or stopped. Rejects with a `CodedError`; the trace is closed either way. */
  async ask(
    connection: SidecarConnection,
    params: Omit<AskParams, 'partialResultToken'>,
  ): Promise<AskResult> {
    const open: { requestId: RequestId | null } = { requestId: null };
    this.#setPending(this.#pendingCount + 1);
    try {
      const result = await connection.ask(
        params,
        (events) => {
          open.requestId = this.#store.append(open.requestId, events);
          if (open.requestId !== null) this.#appended.fire({ requestId: open.requestId, events });
        },
        this.#window.token,
      );
      const tokens = generatedTokenCount(result.ledger);
      const tokensPerSecond = result.timing.decodeTokensPerSecond;
      this.#log.info(
        `Question ${result.requestId}: ${result.reason}, ${tokens} tokens, ${Math.round(result.ledger.durationMs)} ms.`,
      );
      this.#finished.fire({ tokens, tokensPerSecond });
      return result;
    } catch (thrown) {
      const error = toRequestError(thrown);
      this.#log.warn(`Question failed (${error.code}): ${error.message} ${error.remedy}`);
      this.#close(open.requestId, error);
      throw error;
    } finally {
      this.#setPending(this.#pendingCount - 1);
    }
  }

  /** Changes a running request; one that has ended meanwhile is left as it is. */
  async steer(connection: SidecarConnection, steer: SteerParams): Promise<void> {
    const { accepted } = await connection.request('entropane/steer', steer);
    this.#log.info(
      `${steer.action} for ${steer.requestId}: ${accepted ? 'accepted' : 'it had ended already'}.`,
    );
  }

  dispose(): void {
    this.#window.cancel();
    this.#window.dispose();
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

  #setPending(count: number): void {
    this.#pendingCount = count;
    this.#runningChanged.fire();
  }
}
