import type { PartialResults, RequestMethod, Requests } from '../../protocol/messages.ts';
import type { Application } from '../app/application.ts';

/** What a request handler is given beside its parameters. */
export interface HandlerContext<M extends RequestMethod> {
  readonly application: Application;
  /** Aborted when the client cancels. */
  readonly signal: AbortSignal;
  /** Streams a batch to a client that gave a `partialResultToken`; otherwise drops it. */
  readonly report: (batch: M extends keyof PartialResults ? PartialResults[M] : never) => void;
}

/** Answers one request: with its result, or by throwing a `CodedError`. Knows nothing of JSON-RPC. */
export type RequestHandler<M extends RequestMethod> = (
  params: Requests[M]['params'],
  context: HandlerContext<M>,
) => Promise<Requests[M]['result']>;

/** A handler for every request there is: a missing one does not compile. */
export type RequestHandlers = { readonly [M in RequestMethod]: RequestHandler<M> };
