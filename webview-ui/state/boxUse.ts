import type { RequestId } from '../../protocol/traceEvent.ts';
import type { OfferedContext, PanelToHost } from '../../protocol/panelMessages.ts';

/** What the words of the box are: a question, or an instruction to change code. */
export type BoxUse = 'ask' | 'edit';

/** The words around the box. */
export interface BoxWords {
  readonly placeholder: string;
  /** Names the field and its button for a screen reader. */
  readonly fieldName: string;
  readonly buttonName: string;
  readonly chipsName: string;
}

/** How the box reads. `follows` says whether a question goes on with a conversation. Pure. */
export function boxWords(use: BoxUse, follows: boolean): BoxWords {
  if (use === 'edit') {
    return {
      placeholder: 'Say what to change',
      fieldName: 'Instruction',
      buttonName: 'Edit',
      chipsName: 'Goes along with the edit',
    };
  }
  return {
    placeholder: follows ? 'Ask a follow-up question' : 'Ask a question',
    fieldName: 'Question',
    buttonName: 'Ask',
    chipsName: 'Goes along with the question',
  };
}

/** What Enter asks the host for; null where nothing can be asked for: no words, or no file to edit. Pure. */
export function sentWords(
  use: BoxUse,
  words: string,
  { follows, offered }: { readonly follows: RequestId | null; readonly offered: OfferedContext },
): PanelToHost | null {
  if (words === '') return null;
  if (use === 'ask') return { type: 'question/asked', question: words, follows };
  return offered.edit === null ? null : { type: 'edit/asked', instruction: words };
}
