import { CodedError } from '../../../../protocol/codedError.ts';

/** For a prompt that cannot fit however little else is going on. */
export function contextTooShort(tokens: number, capacity: number): CodedError {
  return new CodedError(
    'context.exceeded',
    `The prompt has ${tokens} tokens and the context holds ${capacity}, one of them kept for the answer.`,
    'Shorten the text, or raise the context size in the settings.',
  );
}

/** For a prompt that does not fit beside what is running now. */
export function contextInUse(capacity: number): CodedError {
  return new CodedError(
    'context.exceeded',
    `The ${capacity} tokens of the context are in use by running requests.`,
    'Wait for a request to finish, or raise the context size in the settings.',
  );
}

/** For a decode that llama.cpp gave up. */
export function decodeFailed(): CodedError {
  return new CodedError(
    'engine.failed',
    'llama.cpp could not decode the batch; its reason is in the log.',
    'Ask again; if it repeats, restart the engine.',
  );
}
