import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { CodedError } from '../../../../protocol/codedError.ts';
import { fileKeyOf } from '../../../storage/fileKey.ts';
import { checkAdapterFile } from '../../../gguf/checkAdapterFile.ts';
import { checkModelFile } from '../../../gguf/checkModelFile.ts';
import { isAbsent } from '../../../process/systemError.ts';
import type { TrialMemory, TrialSubject, TrialVerdict } from '../../../storage/trialMemory.ts';
import { llamaVersion } from '../native/libraryLocation.ts';
import type { TrialOutcome, TrialTask } from './trialProcess.ts';

export interface FileTrialsDependencies {
  /** The memory of the store that is in use now. */
  readonly memory: () => TrialMemory;
  /** Whether the file at a real path is known to be right, byte for byte, so that it need not be tried. */
  readonly isPinned: (path: string) => Promise<boolean>;
  readonly run: (task: TrialTask, signal: AbortSignal) => Promise<TrialOutcome>;
  readonly log: (line: string) => void;
}

/** What is about to be loaded. */
export interface TrialFiles {
  readonly path: string;
  readonly adapterPath: string | null;
}

/** A process that has started, found its libraries and read a small file is done in less. */
const limitBaseMs = 60_000;
/** A file that comes from a disk or a network slower than this is not waited for. */
const slowestBytesPerMs = 16_000;

/** How long a trial load of a file of this size may take before it counts as hung. Pure. */
export function trialLimitMs(sizeBytes: number): number {
  return Math.round(limitBaseMs + sizeBytes / slowestBytesPerMs);
}

/**
 * Lets files into this process's llama.cpp that a process of its own has loaded before. llama.cpp ends its process for some
 * files, where no error can be caught: such a file is kept out, and refused at once from then on. What passed costs
 * nothing the next time. One trial at a time.
 */
export class FileTrials {
  readonly #parts: FileTrialsDependencies;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: FileTrialsDependencies) {
    this.#parts = parts;
  }

  /**
   * Resolves once the files may be loaded, at once for known ones. Throws `model.quarantined`, what checking a header
   * and loading throw, `engine.failed` where no trial is possible, and `cancelled`. A file that is not there is left to
   * the load.
   */
  async admit({ path, adapterPath }: TrialFiles, signal: AbortSignal): Promise<void> {
    await this.#prove(path, null, signal);
    if (adapterPath !== null) await this.#prove(adapterPath, path, signal);
  }

  /** Why a model file is kept out; null where it is not. Tries nothing. */
  async refusalOf(path: string): Promise<CodedError | null> {
    const subject = await subjectOf(path, null);
    const verdict = subject === null ? null : await this.#verdict(subject);
    return subject !== null && verdict?.type === 'quarantined' ? quarantined(subject, verdict.how) : null;
  }

  async #prove(path: string, basePath: string | null, signal: AbortSignal): Promise<void> {
    const subject = await subjectOf(path, basePath);
    if (subject === null || (await this.#isKnown(subject))) return;
    if (basePath === null && (await this.#parts.isPinned(subject.file.path))) return;
    const trial = this.#last.then(async () => {
      // Another load may have had the same file tried meanwhile.
      if (!(await this.#isKnown(subject))) await this.#try(subject, signal);
    });
    this.#last = trial.catch(() => undefined);
    await trial;
  }

  /** Throws for a file that is kept out. */
  async #isKnown(subject: TrialSubject): Promise<boolean> {
    const verdict = await this.#verdict(subject);
    if (verdict?.type === 'quarantined') throw quarantined(subject, verdict.how);
    return verdict !== null;
  }

  async #verdict(subject: TrialSubject): Promise<TrialVerdict | null> {
    return this.#parts.memory().find(subject);
  }

  async #try(subject: TrialSubject, signal: AbortSignal): Promise<void> {
    const { file, base } = subject;
    // What a look at the header refuses needs no process.
    const header = await checkModelFile(base?.path ?? file.path);
    if (base !== null) await checkAdapterFile(file.path, header);
    const sizeBytes = Number(file.sizeBytes) + Number(base?.sizeBytes ?? 0);
    const task: TrialTask = {
      path: base?.path ?? file.path,
      adapterPath: base === null ? null : file.path,
      limitMs: trialLimitMs(sizeBytes),
    };
    this.#parts.log(`trial load of ${file.path}`);
    const outcome = await this.#parts.run(task, signal);
    switch (outcome.type) {
      case 'passed':
        await this.#keep(subject, { type: 'passed' });
        return;
      case 'refused':
        throw CodedError.fromData(outcome.error);
      case 'notTried':
        throw new CodedError(
          'engine.failed',
          `${basename(file.path)} was not loaded: the process that tries files first did not get to it (${outcome.how}).`,
          'Load the model again; if this repeats, run "entropane doctor".',
        );
      case 'crashed':
        await this.#quarantine(subject, outcome.how);
        return;
      case 'hung': {
        const seconds = Math.round(task.limitMs / 1000);
        await this.#quarantine(subject, `it had not ended after ${seconds} s`);
        return;
      }
    }
  }

  async #quarantine(subject: TrialSubject, how: string): Promise<never> {
    await this.#keep(subject, { type: 'quarantined', how });
    throw quarantined(subject, how);
  }

  /** A verdict that cannot be kept costs another trial, and nothing else. */
  async #keep(subject: TrialSubject, verdict: TrialVerdict): Promise<void> {
    try {
      await this.#parts.memory().keep(subject, verdict);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      this.#parts.log(`the result of a trial load could not be kept: ${why}`);
    }
  }
}

/** By real paths; null where a file is absent. */
async function subjectOf(path: string, basePath: string | null): Promise<TrialSubject | null> {
  try {
    const file = await fileKeyOf(await realpath(path));
    const base = basePath === null ? null : await fileKeyOf(await realpath(basePath));
    return { file, base, release: llamaVersion };
  } catch (thrown) {
    if (isAbsent(thrown)) return null;
    throw thrown;
  }
}

function quarantined({ file: { path }, base }: TrialSubject, how: string): CodedError {
  const kind = base === null ? 'model' : 'adapter';
  return new CodedError(
    'model.quarantined',
    `${basename(path)} is not loaded: a trial load of it in a separate process failed (${how}). ` +
      'Loaded here, it would have ended the engine and every request with it. The file is probably damaged.',
    `Choose another ${kind}, or get the file again. To try this very file once more, run ` +
      `"entropane models release ${path}" and load it again.`,
  );
}
