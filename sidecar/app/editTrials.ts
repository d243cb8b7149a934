import type { EditVerification } from '../../protocol/edit.ts';
import { type AskedEdit, codeOfAnswer, documentWith } from '../edits/askedEdit.ts';
import type { CodeParser } from '../verify/codeParser.ts';
import type { CodeVerifier } from '../verify/codeVerifier.ts';
import { type PlaceCode, placeFile } from '../verify/placeCode.ts';

/**
 * Tries the candidates of an edit in the whole document: a parser reads it, and the user's command runs on it, with each one's
 * code in the place that the edit gives it. The document is as the editor has it, saved or not.
 */
export class EditTrials {
  readonly verifier: CodeVerifier | null;
  readonly codeParser: CodeParser | null;
  readonly #asked: AskedEdit;
  /** By the document with the code in it. */
  readonly #runs = new Map<string, EditVerification>();
  /** What keeps the command from any document; null where nothing does. */
  #refused: EditVerification | null = null;

  constructor(
    asked: AskedEdit,
    given: {
      /** Null where no command may run. */
      readonly verifierFor: (place: PlaceCode) => CodeVerifier | null;
      readonly codeParser: CodeParser | null;
    },
  ) {
    this.#asked = asked;
    this.verifier = this.#noting(given.verifierFor((copyPath, { text }) => this.#place(copyPath, text)));
    this.codeParser = this.#readingWhole(given.codeParser);
  }

  /** What the command said of the document with an answer's code in it, or why it cannot run; null where it was not run on that. */
  runOf(answer: string): EditVerification | null {
    const code = codeOfAnswer(this.#asked, answer);
    return code === null ? null : (this.#runs.get(documentWith(this.#asked, code)) ?? this.#refused);
  }

  #place(copyPath: string, code: string): ReturnType<PlaceCode> {
    const { path, encoding } = this.#asked.document;
    return placeFile(copyPath, { path, encoding, text: documentWith(this.#asked, code) });
  }

  #noting(verifier: CodeVerifier | null): CodeVerifier | null {
    if (verifier === null) return null;
    const { command } = verifier;
    return {
      command,
      verify: async (code, attachment, signal) => {
        // What keeps it from one document keeps it from all of them: the copy is not made again.
        const run = this.#refused ?? (await verifier.verify(code, attachment, signal));
        if (run.outcome === 'notStarted') this.#refused = { command, ...run };
        else if (run.outcome !== 'cancelled')
          this.#runs.set(documentWith(this.#asked, code.text), { command, ...run });
        return run;
      },
    };
  }

  #readingWhole(parser: CodeParser | null): CodeParser | null {
    if (parser === null) return null;
    const { languageId } = this.#asked.document;
    return { read: ({ text }) => parser.read({ languageId, text: documentWith(this.#asked, text) }, null) };
  }
}
