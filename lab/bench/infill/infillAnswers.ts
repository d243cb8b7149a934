import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SuppressedReason } from '../../../protocol/health.ts';
import type { ModelIdentity } from '../../../protocol/traceEvent.ts';
import { isAbsent } from '../../../sidecar/process/systemError.ts';
import type { PythonOutcome } from '../tasks/runPython.ts';
import type { InfillSet } from './infillSet.ts';

/** A row completed once. One line of a raw file. */
export interface InfillAnswer {
  /** Of the programs that wrote it; see `bundleRevision`. */
  readonly revision: string;
  /** How it was asked for; see `WayToAsk`. */
  readonly way: string;
  readonly id: string;
  /** Empty where nothing was shown. */
  readonly text: string;
  readonly meanLogprob: number | null;
  readonly suppressed: SuppressedReason | null;
  readonly generatedTokens: number;
  readonly outcome: PythonOutcome;
}

/** Names the built programs, so that what others wrote is completed again. */
export async function bundleRevision(bundleFolder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['lab.cjs', 'engineThread.cjs']) hash.update(await readFile(join(bundleFolder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** What was completed so far of a set by a model, a line each: a run that was interrupted goes on where it stopped. */
export class InfillAnswers {
  readonly #path: string;
  readonly #revision: string;
  readonly #answers: InfillAnswer[];

  private constructor(path: string, revision: string, answers: InfillAnswer[]) {
    this.#path = path;
    this.#revision = revision;
    this.#answers = answers;
  }

  static async open(
    folder: string,
    of: { readonly set: InfillSet; readonly model: ModelIdentity; readonly revision: string },
  ): Promise<InfillAnswers> {
    const { set, model, revision } = of;
    const parts = ['infill', set.kind.part, set.hash.slice(0, 8), model.name, model.hash.slice(0, 8)];
    const path = join(folder, `${parts.join('-').replaceAll(/[^\w.-]+/g, '-')}.jsonl`);
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
      if (isAbsent(thrown)) return '';
      throw thrown;
    });
    if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
    const answers = text
      .split('\n')
      .map(parseLine)
      .filter((answer) => answer !== null);
    return new InfillAnswers(path, revision, answers);
  }

  find(way: string, id: string): InfillAnswer | undefined {
    return this.#answers.find(
      (answer) => answer.revision === this.#revision && answer.way === way && answer.id === id,
    );
  }

  async add(answer: Omit<InfillAnswer, 'revision'>): Promise<InfillAnswer> {
    const whole = { revision: this.#revision, ...answer };
    await appendFile(this.#path, `${JSON.stringify(whole)}\n`);
    this.#answers.push(whole);
    return whole;
  }
}

function parseLine(line: string): InfillAnswer | null {
  if (line === '') return null;
  try {
    // Written by this program: a line that is whole has all members.
    return JSON.parse(line) as InfillAnswer;
  } catch {
    return null;
  }
}
