import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelIdentity, StopReason } from '../../../protocol/traceEvent.ts';
import { isAbsent } from '../../../sidecar/process/systemError.ts';

/** One edit answered once. One line of a raw file. It has no verdict: answers are judged whenever they are read. */
export interface EditAnswer {
  /** Of what was asked; see `promptRevision`. */
  readonly revision: string;
  readonly way: string;
  readonly id: string;
  /** All that the model wrote. */
  readonly text: string;
  readonly reason: StopReason;
  readonly promptTokens: number;
  readonly generatedTokens: number;
  /** From the request to its end, beside others. */
  readonly durationMs: number;
}

/** What a model answered so far, a line each: a run that was interrupted goes on where it stopped. */
export class EditAnswers {
  readonly #path: string;
  readonly #answers: EditAnswer[];

  private constructor(path: string, answers: EditAnswer[]) {
    this.#path = path;
    this.#answers = answers;
  }

  static async open(folder: string, { name, hash }: ModelIdentity): Promise<EditAnswers> {
    const stem = ['edits', name, hash.slice(0, 8)].join('-').replaceAll(/[^\w.-]+/g, '-');
    const path = join(folder, `${stem}.jsonl`);
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
      if (isAbsent(thrown)) return '';
      throw thrown;
    });
    if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
    return new EditAnswers(path, text.split('\n').flatMap(parsedLine));
  }

  get path(): string {
    return this.#path;
  }

  find(way: string, id: string, revision: string): EditAnswer | undefined {
    return this.#answers.find(
      (answer) => answer.way === way && answer.id === id && answer.revision === revision,
    );
  }

  async add(answer: EditAnswer): Promise<EditAnswer> {
    await appendFile(this.#path, `${JSON.stringify(answer)}\n`);
    this.#answers.push(answer);
    return answer;
  }
}

function parsedLine(line: string): readonly EditAnswer[] {
  if (line === '') return [];
  try {
    // Written by this program: a line that is whole has all members.
    return [JSON.parse(line) as EditAnswer];
  } catch {
    return [];
  }
}
