import { ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { toCodedError, type ErrorCode, type ErrorData } from '../../protocol/codedError.ts';

/** A failure as the LSP error that answers the request: `data` is the `ErrorData`, `code` the nearest LSP one. */
export function toResponseError(thrown: unknown): ResponseError<ErrorData> {
  const error = toCodedError(thrown);
  return new ResponseError(
    lspCodes[error.code] ?? LSPErrorCodes.RequestFailed,
    error.message,
    error.toData(),
  );
}

/** What a client that knows nothing of `ErrorData` makes of the code; `RequestFailed` where none is nearer. */
const lspCodes: Partial<Record<ErrorCode, number>> = {
  cancelled: LSPErrorCodes.RequestCancelled,
  'parameter.invalid': ErrorCodes.InvalidParams,
  'sidecar.gone': ErrorCodes.InvalidRequest,
  'engine.failed': ErrorCodes.InternalError,
};
