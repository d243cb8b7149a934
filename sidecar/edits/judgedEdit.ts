import { CodedError } from '../../protocol/codedError.ts';
import type { EditVerification } from '../../protocol/edit.ts';
import { testEndSentence } from '../../protocol/testEndWords.ts';

/**
 * Carries out `require`, which throws `model.tooWeak` for a model that is not trusted with an edit. What a command can judge any
 * model may write: so that error is thrown only where the command passes on the file as it was, cannot run, or there is none. It
 * says which.
 */
export async function unlessJudged(
  require: () => void,
  runOfUnchanged: () => Promise<EditVerification | null>,
): Promise<void> {
  try {
    require();
  } catch (thrown) {
    if (!(thrown instanceof CodedError) || thrown.code !== 'model.tooWeak') throw thrown;
    const run = await runOfUnchanged();
    if (run === null) throw thrown;
    const why = whyNoJudge(run);
    if (why === null) return;
    throw new CodedError(thrown.code, `${thrown.message} ${why}`, thrown.remedy, { cause: thrown });
  }
}

/** Why a command that ran on the file as it was cannot judge an edit, in a sentence; null where it can. Pure. */
function whyNoJudge(run: EditVerification): string | null {
  const { command, outcome } = run;
  if (outcome === 'passed') return `"${command}" passes on the file as it is, so it cannot judge the edit.`;
  return outcome === 'notStarted' || outcome === 'cancelled' ? testEndSentence(run) : null;
}
