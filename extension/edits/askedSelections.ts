import type { Attachment } from '../../protocol/attachment.ts';
import type { AssumedText } from '../../protocol/messages.ts';
import { linesOf } from './documentLines.ts';
import { FollowedSelection, type SelectedPart, type SelectionPlace } from './followedSelection.ts';

/** Each keeps the text of its document. */
const followedCount = 50;

/** Where the code that a question was about is now. `notAsked`: it was about no selection in this document. */
export type AskedPlace = SelectionPlace | { readonly type: 'notAsked' };

/** Selected code that a question is about, and the document that it was read in. */
interface ReadSelection extends Omit<SelectedPart, 'code'> {
  readonly attachment: Attachment;
  readonly uri: string;
}

interface AskedSelection {
  readonly uri: string;
  readonly followed: FollowedSelection;
}

/**
 * The selections that questions of this window were about, the newest ones followed through every change of their documents. Other
 * attachments, such as whole files, are never the place of an answer's code. Selections are known by the attachment object itself.
 */
export class AskedSelections {
  readonly #selections = new WeakMap<Attachment, AskedSelection>();
  #followed: readonly AskedSelection[] = [];

  /** Follows a selection from the document that it was just read in. One of blanks, or of the whole document, is left out. */
  add({ attachment, uri, text, range }: ReadSelection): void {
    const code = attachment.text;
    if (code.trim() === '' || code.trim() === text.trim()) return;
    const selection = { uri, followed: new FollowedSelection({ code, text, range }) };
    this.#selections.set(attachment, selection);
    const all = [...this.#followed, selection];
    for (const { followed } of all.slice(0, -followedCount)) followed.lose();
    this.#followed = all.slice(-followedCount);
  }

  /** Takes up changes of a document, in the order in which they were made. */
  follow(uri: string, changes: readonly AssumedText[]): void {
    for (const selection of this.#followed) if (selection.uri === uri) selection.followed.follow(changes);
  }

  /** A document was closed: what changes in its file is not seen. */
  lose(uri: string): void {
    for (const selection of this.#followed) if (selection.uri === uri) selection.followed.lose();
    this.#followed = this.#followed.filter((selection) => selection.uri !== uri);
  }

  /** Where the selection of a question is in a document with this text: of the first of `questions` that came with one of it. */
  placeIn(
    { uri, text }: { readonly uri: string; readonly text: string },
    questions: readonly (readonly Attachment[])[],
  ): AskedPlace {
    for (const attachments of questions) {
      const own = attachments.map((one) => this.#selections.get(one)).findLast((one) => one?.uri === uri);
      if (own !== undefined) return own.followed.placeIn(linesOf(text));
    }
    return { type: 'notAsked' };
  }
}
