import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { FieldReader } from '../../../sidecar/validation/fieldReader.ts';
import { replaceFile } from '../../../sidecar/storage/replaceFile.ts';
import { isAbsent } from '../../../sidecar/process/systemError.ts';
import { unwritable } from '../samplesFile.ts';
import { requireSameSet } from './statesFile.ts';
import {
  decodeBasis,
  dequantise,
  encodeBasis,
  hashBytes,
  quantise,
  scoresOf,
  type ValueBasis,
} from './valueBasis.ts';
import type { StatedQuestion, ValueQuestion, ValueSetHeader } from './valueQuestion.ts';
import { parseHeader } from './valueQuestionJson.ts';
import { decodePart, encodePart, type QuantisedQuestion } from './valueSetPart.ts';

/** A file of a packed set. */
interface PackedFile {
  readonly file: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

interface PackedPart extends PackedFile {
  readonly questions: number;
  readonly candidates: number;
  readonly states: number;
}

interface Manifest {
  readonly set: ValueSetHeader;
  readonly basis: PackedFile;
  readonly parts: readonly PackedPart[];
}

/** A question with what is kept of its states: the scores of a basis, in the order of `StatedQuestion.states`. */
export interface ScoredQuestion extends ValueQuestion {
  readonly scores: readonly Float32Array[];
}

const manifestName = 'manifest.json';
const basisName = 'basis.bin';

/**
 * A value set in compact form, in a folder of its own: a manifest, the basis of the states' scores, and compressed parts.
 * Parts are only ever added, so that a repository that keeps the folder grows by what is new. With it a run goes on on
 * another machine.
 */
export class PackedValueSet {
  readonly #folder: string;
  readonly #manifest: Manifest;
  readonly basis: ValueBasis;

  private constructor(folder: string, manifest: Manifest, basis: ValueBasis) {
    this.#folder = folder;
    this.#manifest = manifest;
    this.basis = basis;
  }

  get header(): ValueSetHeader {
    return this.#manifest.set;
  }

  get sizeBytes(): number {
    const { basis, parts } = this.#manifest;
    return parts.reduce((sum, part) => sum + part.sizeBytes, basis.sizeBytes);
  }

  get questionCount(): number {
    return this.#manifest.parts.reduce((sum, { questions }) => sum + questions, 0);
  }

  /** The set of a folder, or null where there is none. Throws `calibration.mismatch` where it is damaged. */
  static async open(folder: string): Promise<PackedValueSet | null> {
    const manifest = await readManifest(folder);
    if (manifest === null) return null;
    return new PackedValueSet(folder, manifest, decodeBasis(await readChecked(folder, manifest.basis)));
  }

  /** An empty set in a folder, which is made. Throws `store.unwritable` and `disk.full`. */
  static async create(folder: string, header: ValueSetHeader, basis: ValueBasis): Promise<PackedValueSet> {
    const bytes = encodeBasis(basis);
    await writeInto(folder, basisName, bytes);
    const manifest = { set: header, basis: describe(basisName, bytes), parts: [] };
    await writeManifest(folder, manifest);
    return new PackedValueSet(folder, manifest, basis);
  }

  /** All questions, part after part. Throws `calibration.mismatch` for a part that is damaged or missing. */
  async *questions(): AsyncGenerator<ScoredQuestion, void, void> {
    for (const part of this.#manifest.parts) {
      const questions = decodePart(await readChecked(this.#folder, part), this.basis);
      for (const { levels, ...question } of questions) {
        yield { ...question, scores: levels.map((each) => dequantise(each, this.basis)) };
      }
    }
  }

  /** Hashes of its questions. Throws as `questions` does. */
  async questionHashes(): Promise<ReadonlySet<string>> {
    const hashes = new Set<string>();
    for await (const { questionHash } of this.questions()) hashes.add(questionHash);
    return hashes;
  }

  /** The set with some questions more, as one part; the set itself where there are none. */
  async withPart(questions: readonly StatedQuestion[], header: ValueSetHeader): Promise<PackedValueSet> {
    requireSameSet(this.header, this.#folder, header);
    if (questions.length === 0) return this;
    const { basis } = this;
    const quantised = questions.map(({ states, ...question }): QuantisedQuestion => {
      return { ...question, levels: states.map((state) => quantise(scoresOf(state, basis), basis)) };
    });
    const bytes = encodePart(quantised, basis);
    const { parts } = this.#manifest;
    const file = `part-${String(parts.length + 1).padStart(3, '0')}.bin.br`;
    await writeInto(this.#folder, file, bytes);
    const part = {
      ...describe(file, bytes),
      questions: questions.length,
      candidates: questions.reduce((sum, { candidates }) => sum + candidates.length, 0),
      states: questions.reduce((sum, { states }) => sum + states.length, 0),
    };
    // Last: a part that the manifest does not name is written anew.
    const manifest = { ...this.#manifest, parts: [...parts, part] };
    await writeManifest(this.#folder, manifest);
    return new PackedValueSet(this.#folder, manifest, basis);
  }
}

async function readManifest(folder: string): Promise<Manifest | null> {
  let text: string;
  try {
    text = await readFile(path.join(folder, manifestName), 'utf8');
  } catch (thrown) {
    if (isAbsent(thrown)) return null;
    throw thrown;
  }
  try {
    const value: unknown = JSON.parse(text);
    const fields = new FieldReader(value, manifestName);
    const set = parseHeader(JSON.stringify(Reflect.get(Object(value), 'set')));
    const parts: unknown = Reflect.get(Object(value), 'parts');
    if (set === null || !Array.isArray(parts)) throw damaged(folder);
    return {
      set,
      basis: readFileEntry(fields.object('basis')),
      parts: parts.map((part: unknown) => {
        const entry = new FieldReader(part, 'part');
        const [questions, candidates, states] = (['questions', 'candidates', 'states'] as const).map((name) =>
          entry.number(name, count),
        );
        return {
          ...readFileEntry(entry),
          questions: questions ?? 0,
          candidates: candidates ?? 0,
          states: states ?? 0,
        };
      }),
    };
  } catch (thrown) {
    throw thrown instanceof CodedError && thrown.code === 'calibration.mismatch'
      ? thrown
      : damaged(folder, thrown);
  }
}

const count = { min: 0, max: 1e12, whole: true };

function readFileEntry(entry: FieldReader): PackedFile {
  const file = entry.string('file');
  // A name and no path: nothing outside the folder is read.
  if (path.basename(file) !== file) throw new TypeError('A file of the set lies outside its folder.');
  return { file, sizeBytes: entry.number('sizeBytes', count), sha256: entry.string('sha256') };
}

async function readChecked(folder: string, { file, sha256 }: PackedFile): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path.join(folder, file));
    if (hashBytes(bytes) === sha256) return bytes;
  } catch (thrown) {
    if (!isAbsent(thrown)) throw thrown;
  }
  throw damaged(path.join(folder, file));
}

function describe(file: string, bytes: Uint8Array): PackedFile {
  return { file, sizeBytes: bytes.length, sha256: hashBytes(bytes) };
}

async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeInto(folder, manifestName, `${JSON.stringify(manifest, null, 2)}\n`);
}

async function writeInto(folder: string, file: string, content: string | Uint8Array): Promise<void> {
  const place = path.join(folder, file);
  try {
    await mkdir(folder, { recursive: true });
    await replaceFile(place, content);
  } catch (thrown) {
    throw unwritable(thrown, place);
  }
}

function damaged(place: string, cause?: unknown): CodedError {
  return new CodedError(
    'calibration.mismatch',
    `${place} is missing or damaged, so the value set cannot be read.`,
    'Restore the folder from where it was published, or pack the set anew into an empty folder.',
    { cause },
  );
}
