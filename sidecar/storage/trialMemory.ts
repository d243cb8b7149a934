import { isSameFile, type FileKey } from './fileKey.ts';

/** What was tried: a model file, or an adapter on one, with one release of llama.cpp. */
export interface TrialSubject {
  readonly file: FileKey;
  /** The model that an adapter was tried on; null for a model. */
  readonly base: FileKey | null;
  readonly release: string;
}

/** `how` describes the end of the process that loaded the file, for people. */
export type TrialVerdict =
  | { readonly type: 'passed' }
  /** It was ended by SIGKILL once, by the file's need of memory or by another program: one more trial decides. */
  | { readonly type: 'killedOnce' }
  | { readonly type: 'quarantined'; readonly how: string };

/** Verdicts of earlier trial loads, of this process and others. */
export interface TrialMemory {
  /** Null for a file that was not tried, or has changed since. */
  find(subject: TrialSubject): Promise<TrialVerdict | null>;
  /** Throws where nothing can be written. */
  keep(subject: TrialSubject, verdict: TrialVerdict): Promise<void>;
}

/** Whether two trials are of the same files in the same state. Pure. */
export function isSameSubject(first: TrialSubject, second: TrialSubject): boolean {
  const isSameBase =
    first.base === null || second.base === null
      ? first.base === second.base
      : isSameFile(first.base, second.base);
  return isSameBase && isSameFile(first.file, second.file) && first.release === second.release;
}
