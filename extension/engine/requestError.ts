import { CodedError, isErrorData, toCodedError } from '../../protocol/codedError.ts';

/** JSON-RPC and LSP codes that a language client rejects with (LSP 3.18, vscode-jsonrpc `ErrorCodes`). */
const rpcCode = {
  requestCancelled: -32800,
  serverCancelled: -32802,
  connectionInactive: -32096,
  pendingResponseRejected: -32097,
};

/** What a failed request was rejected with, as the coded error that the sidecar threw or that its absence means. */
export function toRequestError(thrown: unknown): CodedError {
  if (thrown instanceof CodedError || !(thrown instanceof Error)) return toCodedError(thrown);
  const data = 'data' in thrown ? thrown.data : undefined;
  if (isErrorData(data)) return CodedError.fromData(data);
  switch ('code' in thrown ? thrown.code : undefined) {
    case rpcCode.requestCancelled:
    case rpcCode.serverCancelled:
      return new CodedError('cancelled', 'The request was cancelled.', 'Ask again.', { cause: thrown });
    case rpcCode.connectionInactive:
    case rpcCode.pendingResponseRejected:
      return sidecarGone(thrown);
    default:
      return toCodedError(thrown);
  }
}

/** The engine process ended, or was never there, while a request needed it. */
function sidecarGone(cause?: unknown): CodedError {
  return new CodedError(
    'sidecar.gone',
    'The engine stopped before it had answered.',
    'Ask again once the status bar says that it is back, or restart it.',
    { cause },
  );
}
