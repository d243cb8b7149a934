import type { Readable, Writable } from 'node:stream';
import {
  type CancellationToken,
  type Connection,
  createConnection,
  ErrorCodes,
  type InitializeResult,
  type InlineCompletionItem,
  ProgressType,
  ResponseError,
  type ResponseMessage,
  StreamMessageWriter,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import manifest from '../../package.json' with { type: 'json' };
import { CodedError, type ErrorData } from '../../protocol/codedError.ts';
import type {
  CompleteParams,
  CompletionItem,
  NotificationMethod,
  Notifications,
  RequestMethod,
  Requests,
} from '../../protocol/messages.ts';
import type { Application } from '../app/application.ts';
import { FieldReader } from '../validation/fieldReader.ts';
import { readSidecarSettings } from '../validation/sidecarSettings.ts';
import { followToken } from './cancellation.ts';
import { FrameReader } from './frameReader.ts';
import { requestHandlers } from './handlers/requestHandlers.ts';
import {
  parameterReaders,
  readContextOffer,
  readInitializationOptions,
  readInlineCompletion,
  readServers,
} from './parameters.ts';
import { toResponseError } from './responseErrors.ts';

export interface ServerStreams {
  readonly input: Readable;
  /** Frames and nothing else go here. */
  readonly output: Writable;
}

export interface ServerHooks {
  readonly log: (line: string) => void;
  /** The client has gone without saying so: its end of the stream is closed. Called once. */
  readonly onClientGone: () => void;
  /** The client named its process, whose end is the client's. */
  readonly onClientProcess: (processId: number) => void;
}

/**
 * Serves an application as an LSP server. It and its neighbours in `server/` alone know this side of
 * JSON-RPC. Every request is answered, by a value or by an error whose `data` is an `ErrorData`.
 */
export function serve(streams: ServerStreams, application: Application, hooks: ServerHooks): void {
  const reader = new FrameReader(streams.input, (what) => {
    hooks.log(`malformed input: ${what}`);
    void writer.write(parseErrorResponse(what)).catch(() => undefined);
  });
  const writer = new StreamMessageWriter(streams.output);
  const connection = createConnection(reader, writer);
  reader.onClose(hooks.onClientGone);

  registerLifecycle(connection, application, hooks);
  registerDocuments(connection, application);
  registerRequests(connection, application);
  connection.onNotification(settingsChanged, (value: unknown) => {
    application.changeSettings(readSidecarSettings(new FieldReader(value, 'params')));
  });
  connection.onNotification(serversChanged, (value: unknown) => {
    application.changeServers(readServers(value));
  });
  connection.onNotification(contextOffered, (value: unknown) => {
    application.completions.otherFiles.offer(readContextOffer(value));
  });
  application.onHealthChanged((health) => {
    notify(connection, 'entropane/health/changed', health);
  });
  application.completions.onFinished((report) => {
    notify(connection, 'entropane/completion/finished', report);
  });
  connection.listen();
}

const settingsChanged: NotificationMethod = 'entropane/settings/changed';
const serversChanged: NotificationMethod = 'entropane/servers/changed';
const contextOffered: NotificationMethod = 'entropane/context/offered';

function registerLifecycle(
  connection: Connection,
  application: Application,
  { onClientProcess }: ServerHooks,
): void {
  connection.onInitialize((params): InitializeResult => {
    const clientId = readClientId(params.processId);
    if (clientId !== null) onClientProcess(clientId);
    const options = orResponseError(() => readInitializationOptions(params.initializationOptions));
    const { settings = {}, offersContext = false, servers = [], fallsBack = false } = options;
    const uri = params.workspaceFolders?.[0]?.uri ?? null;
    orResponseError(() => {
      application.start(settings, { uri, offersContext, servers, fallsBack });
    });
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
        positionEncoding: 'utf-16',
        ...(options.advertiseInlineCompletion === false ? {} : { inlineCompletionProvider: true }),
      },
      serverInfo: { name: manifest.name, version: manifest.version },
    };
  });
  connection.onShutdown(() => application.dispose());
}

function registerDocuments(
  connection: Connection,
  { documents, completions: { otherFiles } }: Application,
): void {
  connection.onDidOpenTextDocument(({ textDocument }) => {
    documents.open(textDocument);
    otherFiles.opened(textDocument.uri);
  });
  connection.onDidChangeTextDocument(({ textDocument, contentChanges }) => {
    documents.change(textDocument.uri, contentChanges, textDocument.version);
  });
  connection.onDidCloseTextDocument(({ textDocument }) => {
    documents.close(textDocument.uri);
    otherFiles.closed(textDocument.uri);
  });
}

function registerRequests(connection: Connection, application: Application): void {
  // Called for every request that no other handler takes, so that all of ours go one way.
  connection.onRequest((method: string, params: unknown, token: CancellationToken) => {
    if (isRequestMethod(method)) return answer(connection, application, { method, params, token });
    throw new ResponseError(ErrorCodes.MethodNotFound, `This server has no method ${method}.`);
  });
  connection.languages.inlineCompletion.on(async (received: unknown, token) => {
    const params = orResponseError(() => readInlineCompletion(received));
    const result = await answer(connection, application, { method: 'entropane/complete', params, token });
    if (result instanceof ResponseError) throw result;
    return result.items.map((item) => toInlineCompletion(item, params));
  });
}

/** With an entry selected, LSP wants an item to begin with its text and to replace its range. */
function toInlineCompletion(
  { text, replacedLength }: CompletionItem,
  { position, assumed }: CompleteParams,
): InlineCompletionItem {
  const { start, end } = assumed?.range ?? { start: position, end: position };
  return {
    insertText: (assumed?.text ?? '') + text,
    range: { start, end: { line: end.line, character: end.character + replacedLength } },
  };
}

function isRequestMethod(name: string): name is RequestMethod {
  return Object.hasOwn(requestHandlers, name);
}

/** Reads the parameters, runs the handler, and turns whatever it throws into the error that answers. */
async function answer<M extends RequestMethod>(
  connection: Connection,
  application: Application,
  request: { readonly method: M; readonly params: unknown; readonly token: CancellationToken },
): Promise<Requests[M]['result'] | ResponseError<ErrorData>> {
  const { signal, dispose } = followToken(request.token);
  try {
    if (application.isEnding) throw endingError();
    const params = parameterReaders[request.method](request.params);
    const report = progressReporter(connection, params);
    return await requestHandlers[request.method](params, { application, signal, report });
  } catch (thrown) {
    return toResponseError(thrown);
  } finally {
    dispose();
  }
}

/** LSP forbids requests after `shutdown`; a client that sends one gets an error that says so. */
function endingError(): CodedError {
  return new CodedError('sidecar.gone', 'The sidecar is shutting down.', 'Start it again.');
}

/** Sends batches as `$/progress` under the request's token; without one there is nobody to send them to. */
function progressReporter(connection: Connection, params: object | null): (batch: object) => void {
  const token = params !== null && 'partialResultToken' in params ? params.partialResultToken : undefined;
  if (typeof token !== 'string' && typeof token !== 'number') return () => undefined;
  return (batch) => {
    // A client that has gone takes no progress; its closed stream is noticed elsewhere.
    connection.sendProgress(partialResult, token, batch).catch(() => undefined);
  };
}

const partialResult = new ProgressType<object>();

function notify<M extends NotificationMethod>(
  connection: Connection,
  method: M,
  value: Notifications[M],
): void {
  connection.sendNotification(method, value).catch(() => undefined);
}

/** The client's process. Anything but a positive integer counts as absent: 0 and less would name a group of processes. */
function readClientId(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}

/** Runs `read`, with its failure as the error that answers the request. */
function orResponseError<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw toResponseError(thrown);
  }
}

/** JSON-RPC's answer to bytes that no request identifier could be read from. */
function parseErrorResponse(what: string): ResponseMessage {
  return { jsonrpc: '2.0', id: null, error: { code: ErrorCodes.ParseError, message: what } };
}
