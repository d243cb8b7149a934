import { ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { toCodedError, type ErrorCode, type ErrorData } from '../../protocol/codedError.ts';

/** A failure as the LSP error that answers the request: `data` is the `ErrorData`, `code` the nearest LSP one. */
export function toResponseError(thrown: unknown): ResponseError<ErrorData> {
  const error = toCodedError(thrown);
  return new ResponseError(lspCodeOf(error.code), error.message, error.toData());
}

function lspCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'cancelled':
      return LSPErrorCodes.RequestCancelled;
    case 'parameter.invalid':
      return ErrorCodes.InvalidParams;
    case 'engine.failed':
      return ErrorCodes.InternalError;
    default:
      return LSPErrorCodes.RequestFailed;
  }
}
