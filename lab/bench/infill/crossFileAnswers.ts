import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelIdentity } from '../../../protocol/traceEvent.ts';
import { isAbsent } from '../../../sidecar/process/systemError.ts';

/** A row completed once, without parts of other files and with them. One line of a raw file. */
export interface CrossFileAnswer {
  /** Of the programs that wrote it; see `bundleRevision`. */
  readonly revision: string;
  readonly id: string;
  /** Empty where nothing was shown. */
  readonly without: string;
  readonly with: string;
  /** Tokens of other files. */
  readonly frontTokens: number;
  /** Milliseconds that choosing and reading them took, as it happens while nobody types. */
  readonly preparedMs: number;
}

/** What was completed so far by a model, a line each: a run that was interrupted goes on where it stopped. */
export class CrossFileAnswers {
  readonly #path: string;
  readonly #revision: string;
  readonly #answers: readonly CrossFileAnswer[];

  private constructor(path: string, revision: string, answers: readonly CrossFileAnswer[]) {
    this.#path = path;
    this.#revision = revision;
    this.#answers = answers;
  }

  static async open(folder: string, model: ModelIdentity, revision: string): Promise<CrossFileAnswers> {
    const name = ['infill', 'crossFile', model.name, model.hash.slice(0, 8)].join('-');
    const path = join(folder, `${name.replaceAll(/[^\w.-]+/g, '-')}.jsonl`);
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
      if (isAbsent(thrown)) return '';
      throw thrown;
    });
    if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
    return new CrossFileAnswers(path, revision, text.split('\n').flatMap(parsed));
  }

  find(id: string): CrossFileAnswer | undefined {
    return this.#answers.find((answer) => answer.revision === this.#revision && answer.id === id);
  }

  async add(answer: Omit<CrossFileAnswer, 'revision'>): Promise<CrossFileAnswer> {
    const whole = { revision: this.#revision, ...answer };
    await appendFile(this.#path, `${JSON.stringify(whole)}\n`);
    return whole;
  }
}

function parsed(line: string): readonly CrossFileAnswer[] {
  if (line === '') return [];
  try {
    // Written by this program: a line that is whole has all members.
    return [JSON.parse(line) as CrossFileAnswer];
  } catch {
    return [];
  }
}
