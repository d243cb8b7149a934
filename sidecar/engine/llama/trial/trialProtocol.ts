import { isRecord } from '../../../../protocol/isRecord.ts';
import { isErrorData, type ErrorData } from '../../../../protocol/codedError.ts';

/** First argument of the engine's bundle when it is started as a program: load a file and end. */
export const trialFlag = '--trial-load';

/** The second argument, as JSON. */
export interface TrialRequest {
  readonly path: string;
  /** A LoRA adapter that is applied to the model; null to try the model alone. */
  readonly adapterPath: string | null;
}

/** One line of the trial process's standard output, as JSON. */
export type TrialMessage =
  /** llama.cpp is loaded, the file is next: what goes wrong from here on is due to the file. */
  | { readonly trial: 'started' }
  | { readonly trial: 'passed' }
  /** An ordinary refusal, as a load gives it. */
  | { readonly trial: 'refused'; readonly error: ErrorData };

/** The request in an argument of the command line. Throws for anything else: only this program writes it. */
export function parseTrialRequest(text: string): TrialRequest {
  const value: unknown = JSON.parse(text);
  if (isRecord(value)) {
    const { path, adapterPath } = value;
    if (typeof path === 'string' && (adapterPath === null || typeof adapterPath === 'string'))
      return { path, adapterPath };
  }
  throw new Error('A trial load is started with the path of a file.');
}

/** The message in a line; null for anything else, such as what a library prints. */
export function parseTrialMessage(line: string): TrialMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { trial, error } = value;
  if (trial === 'started' || trial === 'passed') return { trial };
  return trial === 'refused' && isErrorData(error) ? { trial, error } : null;
}
