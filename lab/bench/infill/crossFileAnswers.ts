import type { ModelIdentity } from '../../../protocol/traceEvent.ts';
import { AnswersFile, type Kept } from './answersFile.ts';

/** A row completed once, without parts of other files and with them. */
export interface CrossFileAnswer {
  readonly id: string;
  /** Empty where nothing was shown. */
  readonly without: string;
  readonly with: string;
  /** Tokens of other files. */
  readonly frontTokens: number;
  /** Milliseconds that choosing and reading them took, as it happens while nobody types. */
  readonly preparedMs: number;
}

/** What a model has completed so far of the rows of several files. */
export function openCrossFileAnswers(
  folder: string,
  model: ModelIdentity,
  revision: string,
): Promise<AnswersFile<CrossFileAnswer>> {
  const parts = ['infill', 'crossFile', model.name, model.hash.slice(0, 8)];
  // Written by this program: a line that is whole has all members.
  return AnswersFile.open(folder, parts, { revision, fromLine: (line) => line as Kept<CrossFileAnswer> });
}
