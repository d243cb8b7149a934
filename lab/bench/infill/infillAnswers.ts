import type { SuppressedReason } from '../../../protocol/health.ts';
import type { ModelIdentity } from '../../../protocol/traceEvent.ts';
import type { PythonOutcome } from '../tasks/runPython.ts';
import { AnswersFile, type Kept } from './answersFile.ts';
import type { InfillSet } from './infillSet.ts';

/** A row completed once. */
export interface InfillAnswer {
  /** How it was asked for; see `WayToAsk`. */
  readonly way: string;
  readonly id: string;
  /** Empty where nothing was shown. */
  readonly text: string;
  /** UTF-16 units after the cursor that the text replaces. */
  readonly replacedLength: number;
  readonly meanLogprob: number | null;
  readonly suppressed: SuppressedReason | null;
  readonly generatedTokens: number;
  readonly outcome: PythonOutcome;
}

/** What a model has completed so far of a set. */
export function openInfillAnswers(
  folder: string,
  of: { readonly set: InfillSet; readonly model: ModelIdentity; readonly revision: string },
): Promise<AnswersFile<InfillAnswer>> {
  const { set, model, revision } = of;
  const parts = ['infill', set.kind.part, set.hash.slice(0, 8), model.name, model.hash.slice(0, 8)];
  // Written by this program: a line that is whole has all members.
  return AnswersFile.open(folder, parts, { revision, fromLine: (line) => line as Kept<InfillAnswer> });
}
