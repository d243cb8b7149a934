import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isAbsent } from '../../../sidecar/process/systemError.ts';

/** An answer, and which programs wrote it; see `bundleRevision`. */
export type Kept<A> = A & { readonly revision: string };

/** Names the built programs, so that what others wrote is completed again. */
export async function bundleRevision(bundleFolder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['lab.cjs', 'engineThread.cjs']) hash.update(await readFile(join(bundleFolder, name)));
  return hash.digest('hex').slice(0, 16);
}

/**
 * What was completed so far by programs of one revision, a line each: a run that was interrupted goes on where it stopped. Lines
 * that were cut off, or that others wrote, count as not there. One writer at a time.
 */
export class AnswersFile<A extends object> {
  readonly #path: string;
  readonly #revision: string;
  readonly #answers: A[];

  private constructor(path: string, revision: string, answers: A[]) {
    this.#path = path;
    this.#revision = revision;
    this.#answers = answers;
  }

  /** Makes the folder. The file has the name that `parts` make; `fromLine` types what this program has written. */
  static async open<A extends object>(
    folder: string,
    parts: readonly string[],
    { revision, fromLine }: { readonly revision: string; readonly fromLine: (line: unknown) => Kept<A> },
  ): Promise<AnswersFile<A>> {
    const path = join(folder, `${parts.join('-').replaceAll(/[^\w.-]+/g, '-')}.jsonl`);
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
      if (isAbsent(thrown)) return '';
      throw thrown;
    });
    if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
    const answers = text
      .split('\n')
      .flatMap((line) => parsed(line).map(fromLine))
      .filter((answer) => answer.revision === revision);
    return new AnswersFile<A>(path, revision, answers);
  }

  find<B extends A>(isWanted: (answer: A) => answer is B): B | undefined;
  find(isWanted: (answer: A) => boolean): A | undefined;
  find(isWanted: (answer: A) => boolean): A | undefined {
    return this.#answers.find(isWanted);
  }

  async add(answer: A): Promise<A> {
    await appendFile(this.#path, `${JSON.stringify({ revision: this.#revision, ...answer })}\n`);
    this.#answers.push(answer);
    return answer;
  }

  /** Takes the file away: what is measured from now on is measured anew. */
  async remove(): Promise<void> {
    this.#answers.length = 0;
    await rm(this.#path, { force: true });
  }
}

function parsed(line: string): readonly unknown[] {
  if (line === '') return [];
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
