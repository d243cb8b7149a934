import { CodedError } from '../../protocol/codedError.ts';
import type { DocumentTest } from '../../protocol/edit.ts';
import { testEndSentence } from '../../protocol/testEndWords.ts';

/**
 * Rethrows a refusal as too weak, unless the command fails on the unchanged file: any model may write what a command judges. The
 * refusal then says why the command cannot judge; `cancelled` is thrown where it was stopped. Other errors are thrown as they are.
 * `runOfUnchanged` gives null where there is no command.
 */
export async function rethrowUnlessJudged(
  thrown: unknown,
  runOfUnchanged: () => Promise<DocumentTest | null>,
): Promise<void> {
  if (!(thrown instanceof CodedError) || thrown.code !== 'model.tooWeak') throw thrown;
  const run = await runOfUnchanged();
  if (run === null) throw thrown;
  if (run.outcome === 'failed') return;
  if (run.outcome === 'cancelled') throw stoppedWhileTested();
  const why =
    run.outcome === 'passed'
      ? `"${run.command}" passes on the file as it is, so it cannot judge the edit.`
      : `${testEndSentence(run)} So it cannot judge the edit.`;
  throw new CodedError(thrown.code, `${why} ${thrown.message}`, thrown.remedy, { cause: thrown });
}

/** What a user sees who ends a request in the midst of a test. */
export function stoppedWhileTested(): CodedError {
  return new CodedError(
    'cancelled',
    'You stopped it while the command ran; nothing was changed.',
    'Ask again.',
  );
}
