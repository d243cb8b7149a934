import type { DocumentTest, EditVerification } from '../../protocol/edit.ts';
import { type AskedEdit, codeOfAnswer, documentWith } from '../edits/askedEdit.ts';
import type { CommandRun } from '../verify/boundedCommand.ts';
import { readingOfChange } from '../verify/addedSyntaxError.ts';
import type { CodeParser } from '../verify/codeParser.ts';
import type { CodeRun, CodeVerifier } from '../verify/codeVerifier.ts';
import { type CandidateCode, type PlaceCode, placeFile } from '../verify/placeCode.ts';
import { notRun, runUnchanged } from '../verify/unchangedRun.ts';

/** Ends of a command that ran. */
const judged: ReadonlySet<CommandRun['outcome']> = new Set(['passed', 'failed', 'timedOut'] as const);

/**
 * Tries the candidates of an edit in the whole document: a parser reads it, and the user's command runs on it, with each one's
 * code in the place that the edit gives it. The document is as the editor has it, saved or not. Before the first candidate the
 * command runs on the document as it was: what passes there proves no edit right, and what cannot run there is not run again.
 */
export class EditTrials {
  readonly verifier: CodeVerifier | null;
  readonly codeParser: CodeParser | null;
  readonly #asked: AskedEdit;
  /** Runs the command on a text of the document; null where none may run. */
  readonly #command: CodeVerifier | null;
  /** By the document with the code in it. */
  readonly #runs = new Map<string, CommandRun>();
  /** What keeps the command from any document; null where nothing does. */
  #refused: CommandRun | null = null;
  #unchanged: Promise<CommandRun> | null = null;
  /** Null until the command has run on the document as it was. */
  #passesWithout: boolean | null = null;

  constructor(
    asked: AskedEdit,
    given: {
      /** Null where no command may run. */
      readonly verifierFor: (place: PlaceCode) => CodeVerifier | null;
      readonly codeParser: CodeParser | null;
    },
  ) {
    this.#asked = asked;
    const { path, encoding } = asked.document;
    this.#command = given.verifierFor((copyPath, { text }) => placeFile(copyPath, { path, encoding, text }));
    this.verifier = this.#command === null ? null : this.#trying(this.#command);
    this.codeParser = this.#readingWhole(given.codeParser);
  }

  /** What the command says of the document as it was: it is run once. Null where none may run. */
  async runOfUnchanged(signal: AbortSignal): Promise<DocumentTest | null> {
    if (this.#command === null) return null;
    return { command: this.#command.command, ...(await this.#runUnchanged(this.#command, signal)) };
  }

  /** What the command said of the document with an answer's code in it, or why it cannot run; null where it was not run on that. */
  runOf(answer: string): EditVerification | null {
    const code = codeOfAnswer(this.#asked, answer);
    if (code === null || this.#command === null) return null;
    const run = this.#runs.get(documentWith(this.#asked, code)) ?? this.#refused;
    return run === null
      ? null
      : { command: this.#command.command, ...run, passesWithout: this.#passesWithout };
  }

  #trying(command: CodeVerifier): CodeVerifier {
    return {
      command: command.command,
      passesWithout: async (signal) => (await this.#runUnchanged(command, signal)).outcome === 'passed',
      verify: (code, _attachment, signal) => this.#try(command, code, signal),
    };
  }

  async #try(command: CodeVerifier, code: CandidateCode, signal: AbortSignal): Promise<CodeRun> {
    const unchanged = await this.#runUnchanged(command, signal);
    if (this.#refused !== null) return this.#refused;
    const text = documentWith(this.#asked, code.text);
    if (text === this.#asked.document.text)
      return { ...notRun(unchanged, 'The code changes nothing.'), outcome: 'failed', changesNothing: true };
    const run = await command.verify({ ...code, text }, null, signal);
    // A copy for every candidate, and its time, would be for nothing.
    const hangs = [run, unchanged, ...this.#runs.values()].every(({ outcome }) => outcome === 'timedOut');
    if (hangs) this.#refused = notRun(run, 'It does not end in time, with a change or without.');
    else if (run.outcome === 'notStarted') this.#refused = run;
    else if (run.outcome !== 'cancelled') this.#runs.set(text, run);
    return this.#refused === null ? run : { ...this.#refused, durationMs: run.durationMs };
  }

  #runUnchanged(command: CodeVerifier, signal: AbortSignal): Promise<CommandRun> {
    this.#unchanged ??= this.#runFirst(command, signal);
    return this.#unchanged;
  }

  async #runFirst(command: CodeVerifier, signal: AbortSignal): Promise<CommandRun> {
    const { languageId, text } = this.#asked.document;
    const run = await runUnchanged(command, { languageId, text }, signal);
    if (run.outcome === 'notStarted') this.#refused = run;
    if (judged.has(run.outcome)) this.#passesWithout = run.outcome === 'passed';
    return run;
  }

  #readingWhole(parser: CodeParser | null): CodeParser | null {
    if (parser === null) return null;
    const { languageId, text: before } = this.#asked.document;
    return {
      read: ({ text }) =>
        readingOfChange(parser, { languageId, before, after: documentWith(this.#asked, text) }),
    };
  }
}
