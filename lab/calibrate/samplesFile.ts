import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { isDiskFull } from '../../sidecar/process/systemError.ts';
import type { SamplingPlan } from './sampleQuestions.ts';
import type { SampledQuestion } from './sampledQuestion.ts';
import { encodeSampled, parseSampled } from './sampledQuestionJson.ts';

/** What all samples of one file have in common. */
export interface SamplesHeader {
  readonly type: 'calibration';
  readonly version: number;
  readonly modelHash: string;
  readonly modelName: string;
  /** Hash of a prompt without a question: samples under another instruction or template are other samples. */
  readonly promptHash: string;
  readonly plan: SamplingPlan;
}

const samplesVersion = 1;

export function samplesHeader(members: Omit<SamplesHeader, 'type' | 'version'>): SamplesHeader {
  return { type: 'calibration', version: samplesVersion, ...members };
}

/**
 * The samples of a calibration, one question a line after a header, flushed one by one: an interrupted run goes on
 * where it stopped. Opening removes a last line that was cut off while it was written. Dispose to close.
 */
export class SamplesFile {
  /** Questions that the file holds already, by the hash of question and answer. */
  readonly done: ReadonlyMap<string, SampledQuestion>;
  readonly #file: FileHandle;
  readonly #path: string;

  private constructor(file: FileHandle, filePath: string, done: ReadonlyMap<string, SampledQuestion>) {
    this.#file = file;
    this.#path = filePath;
    this.done = done;
  }

  /**
   * Throws `calibration.mismatch` for a file that holds something else, or samples of another model, prompt or plan, and
   * `store.unwritable` or `disk.full` where it cannot be written.
   */
  static async open(filePath: string, header: SamplesHeader): Promise<SamplesFile> {
    const file = await openForAppending(filePath);
    try {
      const text = await file.readFile('utf8');
      const { done, kept } = readSamples(text, filePath, header);
      const keptBytes = Buffer.byteLength(kept);
      if (keptBytes < Buffer.byteLength(text)) await file.truncate(keptBytes);
      const samples = new SamplesFile(file, filePath, done);
      if (kept === '') await samples.#append(JSON.stringify(header));
      return samples;
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  async write(sampled: SampledQuestion): Promise<void> {
    await this.#append(encodeSampled(sampled));
  }

  async dispose(): Promise<void> {
    await this.#file.close();
  }

  async #append(line: string): Promise<void> {
    try {
      await this.#file.appendFile(`${line}\n`);
    } catch (thrown) {
      throw unwritable(thrown, this.#path);
    }
  }
}

async function openForAppending(filePath: string): Promise<FileHandle> {
  try {
    await mkdir(path.dirname(filePath), { recursive: true });
    return await open(filePath, 'a+');
  } catch (thrown) {
    throw unwritable(thrown, filePath);
  }
}

interface ReadSamples {
  readonly done: ReadonlyMap<string, SampledQuestion>;
  /** The text without a last line that has no end. */
  readonly kept: string;
}

function readSamples(text: string, filePath: string, header: SamplesHeader): ReadSamples {
  const end = text.lastIndexOf('\n') + 1;
  const kept = text.slice(0, end);
  const [first, ...lines] = kept.split('\n').slice(0, -1);
  const done = new Map<string, SampledQuestion>();
  if (first === undefined) {
    // Not even a header: it was cut off too, or the file is somebody's own.
    if (text === '' || JSON.stringify(header).startsWith(text)) return { done, kept: '' };
    throw notSamples(filePath, 1);
  }
  requireSameSetUp(first, filePath, header);
  for (const [index, line] of lines.entries()) {
    const sampled = parseSampled(line);
    if (sampled === null) throw notSamples(filePath, index + 2);
    done.set(sampled.questionHash, sampled);
  }
  return { done, kept };
}

function requireSameSetUp(line: string, filePath: string, header: SamplesHeader): void {
  const found = parseHeader(line);
  if (found === null) throw notSamples(filePath, 1);
  const differences = [
    ...(found.version === header.version ? [] : ['another version of this program']),
    ...(found.modelHash === header.modelHash ? [] : ['another model']),
    ...(found.promptHash === header.promptHash ? [] : ['another prompt']),
    ...(JSON.stringify(found.plan) === JSON.stringify(header.plan)
      ? []
      : [`other choices (${planText(found.plan)})`]),
  ];
  if (differences.length === 0) return;
  throw new CodedError(
    'calibration.mismatch',
    `${filePath} holds samples that were taken with ${differences.join(' and ')}, so the run cannot go on from them.`,
    'Give the same options as then, another --out or --raw file, or remove that one.',
  );
}

function planText({ samples, temperature, maxThoughtTokens, seed }: SamplingPlan): string {
  return `--samples ${samples} --temperature ${temperature} --max-thought ${maxThoughtTokens} --seed ${seed}`;
}

function parseHeader(line: string): SamplesHeader | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return null;
    // Written by this program: once it says so, its members are taken at their word.
    return 'type' in value && value.type === 'calibration' ? (value as SamplesHeader) : null;
  } catch {
    return null;
  }
}

function notSamples(filePath: string, lineNumber: number): CodedError {
  return new CodedError(
    'calibration.mismatch',
    `Line ${lineNumber} of ${filePath} is not a sample of a calibration, so the run cannot go on from that file.`,
    'Give another --out or --raw file, or remove that line.',
  );
}

/** A failed write as a coded error. What was written before is kept. */
export function unwritable(thrown: unknown, filePath: string): CodedError {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return isDiskFull(thrown)
    ? new CodedError(
        'disk.full',
        `The disk became full while ${filePath} was written. What was sampled before is kept.`,
        'Free space there and run it again to go on.',
        { cause: thrown },
      )
    : new CodedError(
        'store.unwritable',
        `${filePath} cannot be written: ${why}`,
        'Choose another file with --out.',
        { cause: thrown },
      );
}
