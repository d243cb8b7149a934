import { randomUUID } from 'node:crypto';
import type { CancellationToken, Disposable } from 'vscode';
import { ProgressType, type LanguageClient } from 'vscode-languageclient/node';
import type { EditParams, EditResult } from '../../protocol/edit.ts';
import type {
  AskParams,
  AskResult,
  CompleteParams,
  CompleteResult,
  ContextOffer,
  InstalledModel,
  NotificationMethod,
  Notifications,
  PartialResults,
  RequestMethod,
  Requests,
  ServerEntry,
  SidecarSettings,
} from '../../protocol/messages.ts';
import type { Health } from '../../protocol/health.ts';
import { toRequestError } from './requestError.ts';
import type { KeptSidecar } from './sidecarKeeper.ts';

/**
 * A sidecar that answered `initialize`. Its holder may send; once the process is gone every request,
 * pending ones included, rejects with `sidecar.gone`. All rejections are `CodedError`s.
 */
export class SidecarConnection implements KeptSidecar {
  readonly #client: LanguageClient;

  constructor(client: LanguageClient) {
    this.#client = client;
  }

  async request<M extends RequestMethod>(
    method: M,
    params: Requests[M]['params'],
    token?: CancellationToken,
  ): Promise<Requests[M]['result']> {
    try {
      // The library sends what it is given as a list: an argument that is there but undefined becomes a parameter.
      return await (token === undefined
        ? this.#client.sendRequest<Requests[M]['result']>(method, params)
        : this.#client.sendRequest<Requests[M]['result']>(method, params, token));
    } catch (error) {
      throw toRequestError(error);
    }
  }

  /** Asks, and hands over trace events in order as they come; all have come before the promise settles. */
  ask(
    params: Omit<AskParams, 'partialResultToken'>,
    onEvents: (events: PartialResults['entropane/ask']) => void,
    token: CancellationToken,
  ): Promise<AskResult> {
    return this.#streaming(
      new ProgressType<PartialResults['entropane/ask']>(),
      onEvents,
      (partialResultToken) => this.request('entropane/ask', { ...params, partialResultToken }, token),
    );
  }

  /** Has a document edited; events and end as in `ask`. Nothing is written: the result says what would be. */
  edit(
    params: Omit<EditParams, 'partialResultToken'>,
    onEvents: (events: PartialResults['entropane/edit']) => void,
    token: CancellationToken,
  ): Promise<EditResult> {
    return this.#streaming(
      new ProgressType<PartialResults['entropane/edit']>(),
      onEvents,
      (partialResultToken) => this.request('entropane/edit', { ...params, partialResultToken }, token),
    );
  }

  /** Completes, and hands over how far that is; all of it has come before the promise settles. */
  complete(
    params: Omit<CompleteParams, 'partialResultToken'>,
    onProgress: (progress: PartialResults['entropane/complete']) => void,
    token: CancellationToken,
  ): Promise<CompleteResult> {
    return this.#streaming(
      new ProgressType<PartialResults['entropane/complete']>(),
      onProgress,
      (partialResultToken) => this.request('entropane/complete', { ...params, partialResultToken }, token),
    );
  }

  /** Fetches a model. Cancelling keeps what was loaded so far for the next try. */
  fetchModel(
    model: string,
    onProgress: (progress: PartialResults['entropane/models/fetch']) => void,
    token: CancellationToken,
  ): Promise<InstalledModel> {
    return this.#streaming(
      new ProgressType<PartialResults['entropane/models/fetch']>(),
      onProgress,
      (partialResultToken) => this.request('entropane/models/fetch', { model, partialResultToken }, token),
    );
  }

  ping(): Promise<null> {
    return this.request('entropane/ping', null);
  }

  health(): Promise<Health> {
    return this.request('entropane/health/get', null);
  }

  onHealth(listener: (health: Health) => void): void {
    this.on('entropane/health/changed', listener);
  }

  async changeSettings(settings: SidecarSettings): Promise<void> {
    const method: NotificationMethod = 'entropane/settings/changed';
    await this.#client.sendNotification(method, settings);
  }

  async changeServers(servers: readonly ServerEntry[]): Promise<void> {
    const method: NotificationMethod = 'entropane/servers/changed';
    await this.#client.sendNotification(method, { servers });
  }

  /** Offers a part of a file to completions. Never rejects: a sidecar that has gone needs none. */
  async offerContext(offer: ContextOffer): Promise<void> {
    const method: NotificationMethod = 'entropane/context/offered';
    await this.#client.sendNotification(method, offer).catch(() => undefined);
  }

  on<M extends NotificationMethod>(method: M, handler: (params: Notifications[M]) => void): Disposable {
    return this.#client.onNotification(method, handler);
  }

  async #streaming<P, R>(
    type: ProgressType<P>,
    onPart: (part: P) => void,
    send: (partialToken: string) => Promise<R>,
  ): Promise<R> {
    const partialToken = randomUUID();
    const listener = this.#client.onProgress(type, partialToken, onPart);
    try {
      return await send(partialToken);
    } finally {
      listener.dispose();
    }
  }
}
