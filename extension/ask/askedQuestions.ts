import type { Attachment } from '../../protocol/attachment.ts';
import type { AskParams } from '../../protocol/messages.ts';
import type { RequestId } from '../../protocol/traceEvent.ts';

/** What a question was asked with: its words, the code it came with, and what it set for itself. */
export type AskedQuestion = Omit<AskParams, 'partialResultToken'>;

/** Attached code makes a question as large as a file. */
const keptCount = 50;

/**
 * How the questions of this window were asked, the newest ones: a trace does not say what each set for itself, so only
 * these can be asked again as they were.
 */
export class AskedQuestions {
  readonly #questions = new Map<RequestId, AskedQuestion>();

  remember(requestId: RequestId, question: AskedQuestion): void {
    this.#questions.set(requestId, question);
    for (const oldest of [...this.#questions.keys()].slice(0, -keptCount)) this.#questions.delete(oldest);
  }

  /** Null for a question of another window, or of long ago. */
  of(requestId: RequestId): AskedQuestion | null {
    return this.#questions.get(requestId) ?? null;
  }

  /** The code that a question came with, then that of the one that it follows on, and so on. */
  attachmentsAlong(requestId: RequestId): readonly (readonly Attachment[])[] {
    const { attachments = [], follows } = this.of(requestId) ?? {};
    return [attachments, ...(follows === undefined ? [] : this.attachmentsAlong(follows))];
  }
}
