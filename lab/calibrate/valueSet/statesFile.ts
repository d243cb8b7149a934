import { mkdir, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { decodeFloat16, encodeFloat16 } from '../../numeric/float16.ts';
import { unwritable } from '../samplesFile.ts';
import { stateCount, type StatedQuestion, type ValueSetHeader } from './valueQuestion.ts';
import { encodeQuestion, parseHeader, parseQuestion } from './valueQuestionJson.ts';

/** Bytes of the two lengths before each record: of its JSON, and of its states. */
const lengthsBytes = 8;
/** No record is longer: a length beyond it means that the file is something else. */
const longestRecordBytes = 2 ** 28;

/**
 * Sampled questions with whole states as half floats, in a local work file: a header, then one record a question, flushed
 * one by one. A record is the lengths of its two parts (32 bits each, little-endian), JSON, and the states one after
 * another. An interrupted run goes on where it stopped: opening removes a last record that was cut off. Dispose to close.
 */
export class StatesFile {
  /** Hashes of the questions that the file has. */
  readonly done: ReadonlySet<string>;
  readonly #file: FileHandle;
  readonly #path: string;

  private constructor(file: FileHandle, filePath: string, done: ReadonlySet<string>) {
    this.#file = file;
    this.#path = filePath;
    this.done = done;
  }

  /**
   * Throws `calibration.mismatch` for a file of something else, or of another model, prompt or plan, and
   * `store.unwritable` or `disk.full` where it cannot be written.
   */
  static async open(filePath: string, header: ValueSetHeader): Promise<StatesFile> {
    const file = await openForAppending(filePath);
    try {
      const done = new Set<string>();
      let end = 0;
      for await (const { json, endsAt } of recordsOf(file, { withStates: false })) {
        if (end === 0) requireSameSet(parseHeader(json), filePath, header);
        else done.add(questionOf(json, filePath).questionHash);
        end = endsAt;
      }
      const { size } = await file.stat();
      const beginning = recordOf(JSON.stringify(header), new Uint8Array());
      // Not even a header: it was cut off too, or the file is somebody else's.
      if (end === 0 && !beginning.subarray(0, size).equals(await readAt(file, 0, size)))
        throw notStates(filePath);
      if (end < size) await file.truncate(end);
      const states = new StatesFile(file, filePath, done);
      if (end === 0) await states.#append(beginning);
      return states;
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  async write(question: StatedQuestion): Promise<void> {
    const size = question.states[0]?.length ?? 0;
    const all = new Float32Array(size * question.states.length);
    for (const [index, state] of question.states.entries()) all.set(state, index * size);
    await this.#append(recordOf(encodeQuestion(question), encodeFloat16(all)));
  }

  async dispose(): Promise<void> {
    await this.#file.close();
  }

  async #append(record: Uint8Array): Promise<void> {
    try {
      await this.#file.appendFile(record);
      await this.#file.datasync();
    } catch (thrown) {
      throw unwritable(thrown, this.#path);
    }
  }
}

/**
 * The questions of a states file in the order they were done, whole records only: it may be read while it is written.
 * Throws `calibration.mismatch` for another file, and system errors as they come.
 */
export async function* readStates(filePath: string): AsyncGenerator<StatedQuestion, void, void> {
  const file = await open(filePath, 'r');
  try {
    let header: ValueSetHeader | null = null;
    for await (const { json, states } of recordsOf(file, { withStates: true })) {
      if (header === null) {
        header = parseHeader(json);
        if (header === null) throw notStates(filePath);
        continue;
      }
      const question = questionOf(json, filePath);
      const { hiddenSize } = header;
      const all = decodeFloat16(states);
      if (all.length !== hiddenSize * stateCount(question)) throw notStates(filePath);
      const parts = Array.from({ length: stateCount(question) }, (_, index) =>
        all.subarray(index * hiddenSize, (index + 1) * hiddenSize),
      );
      yield { ...question, states: parts };
    }
  } finally {
    await file.close();
  }
}

/** What a states file begins with. Throws as `readStates` does. */
export async function readStatesHeader(filePath: string): Promise<ValueSetHeader> {
  const file = await open(filePath, 'r');
  try {
    for await (const { json } of recordsOf(file, { withStates: false })) {
      const header = parseHeader(json);
      if (header !== null) return header;
      break;
    }
    throw notStates(filePath);
  } finally {
    await file.close();
  }
}

/** Throws `calibration.mismatch`, with what differs, where samples of the one set do not belong to the other. */
export function requireSameSet(
  found: ValueSetHeader | null,
  place: string,
  header: ValueSetHeader,
): asserts found is ValueSetHeader {
  if (found === null) throw notStates(place);
  const differences = [
    ...(found.version === header.version ? [] : ['another version of this program']),
    ...(found.modelHash === header.modelHash ? [] : ['another model']),
    ...(found.promptHash === header.promptHash ? [] : ['another prompt']),
    ...(JSON.stringify(found.plan) === JSON.stringify(header.plan)
      ? []
      : [`other choices (${JSON.stringify(found.plan)})`]),
  ];
  if (differences.length === 0) return;
  throw new CodedError(
    'calibration.mismatch',
    `${place} has samples that were taken with ${differences.join(' and ')}, so the run cannot go on from them.`,
    'Give the same options as then, or another file with --raw.',
  );
}

interface StatesRecord {
  readonly json: string;
  /** Empty unless asked for. */
  readonly states: Uint8Array;
  /** Position after the record. */
  readonly endsAt: number;
}

/** Whole records from the beginning; ends before one that is cut off or cannot be one. */
async function* recordsOf(
  file: FileHandle,
  { withStates }: { readonly withStates: boolean },
): AsyncGenerator<StatesRecord, void, void> {
  const { size } = await file.stat();
  for (let at = 0; at + lengthsBytes <= size;) {
    const lengths = await readAt(file, at, lengthsBytes);
    const jsonBytes = lengths.readUInt32LE(0);
    const statesBytes = lengths.readUInt32LE(4);
    const endsAt = at + lengthsBytes + jsonBytes + statesBytes;
    if (jsonBytes + statesBytes > longestRecordBytes || endsAt > size) return;
    const read = await readAt(file, at + lengthsBytes, jsonBytes + (withStates ? statesBytes : 0));
    const json = read.toString('utf8', 0, jsonBytes);
    yield { json, states: read.subarray(jsonBytes), endsAt };
    at = endsAt;
  }
}

function recordOf(json: string, states: Uint8Array): Buffer {
  const text = Buffer.from(json, 'utf8');
  const lengths = Buffer.alloc(lengthsBytes);
  lengths.writeUInt32LE(text.length, 0);
  lengths.writeUInt32LE(states.length, 4);
  return Buffer.concat([lengths, text, states]);
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}

function questionOf(json: string, filePath: string): NonNullable<ReturnType<typeof parseQuestion>> {
  const question = parseQuestion(json);
  if (question === null) throw notStates(filePath);
  return question;
}

async function openForAppending(filePath: string): Promise<FileHandle> {
  try {
    await mkdir(path.dirname(filePath), { recursive: true });
    return await open(filePath, 'a+');
  } catch (thrown) {
    throw unwritable(thrown, filePath);
  }
}

function notStates(place: string): CodedError {
  return new CodedError(
    'calibration.mismatch',
    `${place} is not a set of labelled samples, so the run cannot go on from it.`,
    'Give another file with --raw, or remove that one.',
  );
}
