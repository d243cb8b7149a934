import { CodedError } from '../../protocol/codedError.ts';

/** The error of what its signal ended before it had a result: a wait, a load, a prefill. A generation ends by reason. */
export function cancelled(): CodedError {
  return new CodedError('cancelled', 'The request was cancelled.', 'Ask again.');
}
