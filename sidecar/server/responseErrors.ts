import { ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { toCodedError, type ErrorCode, type ErrorData } from '../../protocol/codedError.ts';

/** A failure as the LSP error that answers the request: `data` is the `ErrorData`, `code` the nearest LSP one. */
export function toResponseError(thrown: unknown): ResponseError<ErrorData> {
  const error = toCodedError(thrown);
  return new ResponseError(lspCodeOf(error.code), error.message, error.toData());
}

/** What a client that knows nothing of `ErrorData` makes of the code. */
function lspCodeOf(code: ErrorCode): number {
  if (code === 'cancelled') return LSPErrorCodes.RequestCancelled;
  if (code === 'parameter.invalid') return ErrorCodes.InvalidParams;
  return code === 'engine.failed' ? ErrorCodes.InternalError : LSPErrorCodes.RequestFailed;
}
