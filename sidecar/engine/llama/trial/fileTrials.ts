import { basename } from 'node:path';
import { CodedError, toCodedError } from '../../../../protocol/codedError.ts';
import { fileKeyOf } from '../../../storage/fileKey.ts';
import { checkAdapterFile } from '../../../gguf/checkAdapterFile.ts';
import { checkModelFile } from '../../../gguf/checkModelFile.ts';
import { isAbsent } from '../../../process/systemError.ts';
import {
  isSameSubject,
  type TrialMemory,
  type TrialSubject,
  type TrialVerdict,
} from '../../../storage/trialMemory.ts';
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

/** A file that changes during so many trials in a row is being written, and is not waited for. */
const mostTrials = 3;

type TrialResult = Exclude<TrialOutcome, { readonly type: 'hung' }>;

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
  readonly #dependencies: FileTrialsDependencies;
  #last: Promise<unknown> = Promise.resolve();

  constructor(dependencies: FileTrialsDependencies) {
    this.#dependencies = dependencies;
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

  /** Whether `admit` would have to try one of the files. Throws nothing that is due to them. */
  async areUntried({ path, adapterPath }: TrialFiles): Promise<boolean> {
    const subjects = [
      await subjectOf(path, null),
      adapterPath === null ? null : await subjectOf(adapterPath, path),
    ];
    for (const subject of subjects) {
      if (subject === null) continue;
      const verdict = await this.#verdict(subject);
      const isUntried = verdict === null || verdict.type === 'killedOnce';
      if (isUntried && !(await this.#isExempt(subject))) return true;
    }
    return false;
  }

  /** Why a model file is kept out; null where it is not. Tries nothing. */
  async refusalOf(path: string): Promise<CodedError | null> {
    const subject = await subjectOf(path, null);
    const verdict = subject === null ? null : await this.#verdict(subject);
    return subject !== null && verdict?.type === 'quarantined' ? quarantined(subject, verdict.how) : null;
  }

  async #prove(path: string, basePath: string | null, signal: AbortSignal): Promise<void> {
    for (let trials = 0; trials < mostTrials; trials++) {
      const subject = await subjectOf(path, basePath);
      if (subject === null || (await this.#isKnown(subject))) return;
      if (await this.#isExempt(subject)) return;
      const trial = this.#last.then(async () => {
        // Another load may have had the same file tried meanwhile.
        if (await this.#isKnown(subject)) return;
        const result = await this.#try(subject, signal);
        const now = await subjectOf(path, basePath);
        // What was tried may be neither of the two files: it says nothing of the one that would be loaded.
        if (now !== null && isSameSubject(now, subject)) await this.#conclude(subject, result);
      });
      this.#last = trial.catch(() => undefined);
      await trial;
      // The next look finds the verdict, or the file that took the place of the one that was tried.
      const now = await subjectOf(path, basePath);
      if (now === null || isSameSubject(now, subject)) return;
    }
    throw new CodedError(
      'engine.failed',
      `${basename(path)} was not loaded: it changed during each of ${mostTrials} trial loads.`,
      'Load the model again once the file is complete.',
    );
  }

  /** A model file that is right, byte for byte, needs no trial. */
  async #isExempt({ file, base }: TrialSubject): Promise<boolean> {
    return base === null && (await this.#dependencies.isPinned(file.path));
  }

  /** Throws for a file that is kept out. */
  async #isKnown(subject: TrialSubject): Promise<boolean> {
    const verdict = await this.#verdict(subject);
    if (verdict?.type === 'quarantined') throw quarantined(subject, verdict.how);
    return verdict?.type === 'passed';
  }

  async #verdict(subject: TrialSubject): Promise<TrialVerdict | null> {
    return this.#dependencies.memory().find(subject);
  }

  /** Loads the files elsewhere. Throws `cancelled`, and nothing else that is due to the files. */
  async #try({ file, base }: TrialSubject, signal: AbortSignal): Promise<TrialResult> {
    const refusal = await headerRefusal(file.path, base?.path ?? null);
    if (refusal !== null) return { type: 'refused', error: refusal.toData() };
    const sizeBytes = Number(file.sizeBytes) + Number(base?.sizeBytes ?? 0);
    const task: TrialTask = {
      path: base?.path ?? file.path,
      adapterPath: base === null ? null : file.path,
      limitMs: trialLimitMs(sizeBytes),
    };
    this.#dependencies.log(`trial load of ${file.path}`);
    const outcome = await this.#dependencies.run(task, signal);
    if (outcome.type !== 'hung') return outcome;
    return { type: 'crashed', how: `it had not ended after ${Math.round(task.limitMs / 1000)} s` };
  }

  /** Keeps what a trial says of its files, and throws for those that may not be loaded. */
  async #conclude(subject: TrialSubject, result: TrialResult): Promise<void> {
    switch (result.type) {
      case 'passed':
        await this.#keep(subject, { type: 'passed' });
        return;
      case 'refused':
        throw CodedError.fromData(result.error);
      case 'notTried':
        throw notTried(subject, result.how);
      case 'killed': {
        const wasKilledBefore = (await this.#verdict(subject))?.type === 'killedOnce';
        if (wasKilledBefore) return this.#quarantine(subject, `${result.how}, for the second time`);
        await this.#keep(subject, { type: 'killedOnce' });
        throw notTried(subject, result.how);
      }
      case 'crashed':
        return this.#quarantine(subject, result.how);
    }
  }

  async #quarantine(subject: TrialSubject, how: string): Promise<never> {
    await this.#keep(subject, { type: 'quarantined', how });
    throw quarantined(subject, how);
  }

  /** A verdict that cannot be kept costs another trial, and nothing else. */
  async #keep(subject: TrialSubject, verdict: TrialVerdict): Promise<void> {
    try {
      await this.#dependencies.memory().keep(subject, verdict);
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      this.#dependencies.log(`the result of a trial load could not be kept: ${why}`);
    }
  }
}

/** What a look at the headers refuses needs no process; null where they are in order. */
async function headerRefusal(path: string, basePath: string | null): Promise<CodedError | null> {
  try {
    const header = await checkModelFile(basePath ?? path);
    if (basePath !== null) await checkAdapterFile(path, header);
    return null;
  } catch (thrown) {
    return toCodedError(thrown);
  }
}

/** Null where a file is absent. */
async function subjectOf(path: string, basePath: string | null): Promise<TrialSubject | null> {
  try {
    const file = await fileKeyOf(path);
    const base = basePath === null ? null : await fileKeyOf(basePath);
    return { file, base, release: llamaVersion };
  } catch (thrown) {
    if (isAbsent(thrown)) return null;
    throw thrown;
  }
}

function notTried({ file: { path } }: TrialSubject, how: string): CodedError {
  return new CodedError(
    'engine.failed',
    `${basename(path)} was not loaded: the process that tries files first did not get through it (${how}).`,
    'Load the model again; if this repeats, run "entropane doctor".',
  );
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
