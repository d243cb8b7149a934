import type { FileKey } from './fileKey.ts';

/** What was tried: a model file, or an adapter on one, with one release of llama.cpp. */
export interface TrialSubject {
  readonly file: FileKey;
  /** The model that an adapter was tried on; null for a model. */
  readonly base: FileKey | null;
  readonly release: string;
}

/** `how` describes the end of the process that loaded the file, for people. */
export type TrialVerdict =
  { readonly type: 'passed' } | { readonly type: 'quarantined'; readonly how: string };

/** Verdicts of earlier trial loads, of this process and others. */
export interface TrialMemory {
  /** Null for a file that was not tried, or has changed since. */
  find(subject: TrialSubject): Promise<TrialVerdict | null>;
  /** Throws where nothing can be written. */
  keep(subject: TrialSubject, verdict: TrialVerdict): Promise<void>;
}
