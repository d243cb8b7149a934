import { counted } from '../../protocol/counted.ts';
import type { EditKind, EditResult, NoEditReason } from '../../protocol/edit.ts';
import { fencedCode } from '../../protocol/fencedCode.ts';
import { toLineFeeds } from '../../protocol/toLineFeeds.ts';
import { testEndSentence } from '../../protocol/testEndWords.ts';
import { largestEditLines } from './editRange.ts';
import type { KnownError } from './newErrors.ts';
import type { TakenHunks } from './proposedEdit.ts';

/** What each kind is called, in titles and messages. */
export const editNames: Readonly<Record<EditKind, string>> = {
  edit: 'Edit',
  fix: 'Fix',
  document: 'Document',
  tests: 'Write Tests',
  continue: 'Continue',
};

const noEditWords: Readonly<Record<NoEditReason, string>> = {
  noCode: 'The model wrote no code.',
  cutOff: 'The code of the model was cut off before its end.',
  unchanged: 'The model wrote the code that is there already.',
};

/** What an edit is asked with that its title does not say; null where that is nothing. Pure. */
export function progressMessage({
  otherFiles,
  testedBy,
}: {
  readonly otherFiles: readonly string[];
  /** The command that races are run by; null for one program. */
  readonly testedBy: string | null;
}): string | null {
  const parts = [
    ...(otherFiles.length === 0 ? [] : [`with ${otherFiles.join(', ')}`]),
    ...(testedBy === null ? [] : [`tested with "${testedBy}", first on the unchanged document`]),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}

/** Why a result changes nothing, and what to do. Pure. */
export function noEditMessage({ noEdit, reason }: Pick<EditResult, 'noEdit' | 'reason'>): string {
  const same = 'The document is as it was.';
  if (reason === 'stoppedByUser') return `You stopped the model before its code was whole. ${same}`;
  if (noEdit === 'cutOff' && reason === 'answered')
    return `A block of code in the answer does not close, or has a fence in it. ${same} Ask again.`;
  if (noEdit === 'cutOff') {
    const more = reason === 'budgetExhausted' ? ', or raise the budget' : '';
    return `${noEditWords.cutOff} ${same} Select fewer lines${more}.`;
  }
  const what = noEdit === null ? 'The model proposed no change.' : noEditWords[noEdit];
  return `${what} ${same} Say in other words what to change, or choose a larger model.`;
}

/** All that is to be known of a proposal before it is accepted, in one message; null where that is nothing. Pure. */
export function warningOf(
  result: Pick<EditResult, 'verification' | 'syntaxError' | 'text'>,
  { isRace }: { readonly isRace: boolean },
): string | null {
  const parts = [testMessage(result, { isRace }), syntaxErrorMessage(result), blocksMessage(result)];
  const said = parts.filter((part) => part !== null);
  return said.length === 0 ? null : said.join(' ');
}

/**
 * Says that the user's test does not pass with a proposal, that it passes without, too, or that it was not run on it although
 * programs raced; null where it passes by the edit alone, and where nothing was to be tested. Pure.
 */
export function testMessage(
  { verification }: Pick<EditResult, 'verification'>,
  { isRace }: { readonly isRace: boolean },
): string | null {
  if (verification === null)
    return isRace
      ? 'The test command was not run on this program. Read the comparison before you accept it.'
      : null;
  const { command, outcome, passesWithout } = verification;
  if (outcome === 'passed')
    return passesWithout === true
      ? `"${command}" passes without the edit, too, so it does not show that the edit is right.`
      : null;
  return outcome === 'failed'
    ? `No program passed "${command}". The comparison shows the best of them: read it before you accept it.`
    : `${testEndSentence(verification)} No program is known to pass it: read the comparison before you accept it.`;
}

/** Warns of a proposal that would add syntax errors; null where it would not, or where the user's test passes by it. Pure. */
export function syntaxErrorMessage({
  syntaxError,
  verification,
}: Pick<EditResult, 'syntaxError' | 'verification'>): string | null {
  const isProven = verification?.outcome === 'passed' && verification.passesWithout !== true;
  if (syntaxError === null || isProven) return null;
  return `With the proposal the document has more syntax errors than before, the first in line ${syntaxError.line}. Say in other words what to change, or mend it after you accept.`;
}

/** Says that an answer has more code than is shown; null where it has not. Pure. */
export function blocksMessage({ text }: Pick<EditResult, 'text'>): string | null {
  const count = fencedCode(toLineFeeds(text)).blocks.length;
  return count < 2
    ? null
    : `The answer has ${count} blocks of code, and the comparison shows one of them. The panel has the whole answer.`;
}

/** Says which errors an edit brought with it. Pure. */
export function newErrorsMessage(fileName: string, errors: readonly KnownError[]): string {
  const [first] = errors;
  if (first === undefined) return `${fileName} has no new errors since the edit.`;
  const [message = ''] = first.message.split('\n');
  const words = message.length > 200 ? `${message.slice(0, 199)}…` : message;
  const where = first.line === null ? '' : ` in line ${first.line + 1}`;
  return errors.length === 1
    ? `${fileName} has a new error since the edit,${where}: ${words}`
    : `${fileName} has ${errors.length} new errors since the edit. The first is${where}: ${words}`;
}

/** Why hunks were not accepted. Pure. */
export function refusedMessage(
  fileName: string,
  { refused, fitting }: Extract<TakenHunks, { readonly type: 'refused' }>,
): string {
  const isUnclear = refused.every(({ why }) => why === 'ambiguous');
  const why = isUnclear
    ? `several places of ${fileName} have the same lines now`
    : `you changed the same lines of ${fileName} meanwhile`;
  if (refused.length === 1 && fitting === 0)
    return `This change was not applied: ${why}. Ask again, or discard the edit.`;
  const count = `${refused.length} of ${counted(refused.length + fitting, 'change')}`;
  const next =
    fitting > 0 ? 'Accept the others one by one, or ask again.' : 'Ask again, or discard the edit.';
  return `Nothing was applied. ${count} cannot be: ${why}. ${next}`;
}

/** Why a selection is not sent to a model. Pure. */
export function tooManyLinesMessage(lineCount: number): string {
  return `${counted(lineCount, 'line', (count) => count.toLocaleString('en'))} are too many for one edit: a model is given at most ${largestEditLines}.`;
}
