import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import type { FetchProgress, InstalledModel } from '../../protocol/messages.ts';
import type { ModelIdentity } from '../../protocol/traceEvent.ts';
import type { Clock } from '../process/clock.ts';
import { isAbsent } from '../process/systemError.ts';
import { withFileLock } from '../storage/fileLock.ts';
import { catalogue as productCatalogue, findInCatalogue } from './catalogue.ts';
import type { CatalogueModel } from './catalogueModel.ts';
import { asDiskError, ensureFolder } from './diskErrors.ts';
import { hashFile } from './fileHash.ts';
import { defaultDownloadTiming, type DownloadTiming } from './hubDownload.ts';
import { fetchIntoStore } from './modelFetch.ts';
import { modelOfHubName, modelOfStoredName } from './hubName.ts';
import { RecordedFiles } from './recordedFiles.ts';
import { ProgressReporter } from './progressReporter.ts';
import { removeFromStore } from './removeFromStore.ts';
import { modelsFolderOf } from './storePath.ts';
import { fileKeyOf } from '../storage/fileKey.ts';
import { VerifiedStamps } from './verifiedStamps.ts';

/** Where models come from when nothing else is said. */
export const defaultHubEndpoint = 'https://huggingface.co';

export interface ModelStoreOptions {
  /** Folder of the whole store; models lie in its `models`. Made when first written to. */
  readonly storePath: string;
  readonly hubEndpoint: string;
  readonly clock: Clock;
  readonly catalogue?: readonly CatalogueModel[];
  /** Command and first arguments of pip; found on this machine when absent. */
  readonly pip?: readonly string[];
  readonly timing?: DownloadTiming;
  /** Between two looks at a lock that another process holds. */
  readonly lockPollMs?: number;
}

/** A model file that can be loaded. */
export interface ModelFile {
  /** Catalogue name, or the file's name. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Null for a file never hashed, or changed since. */
  readonly sha256: string | null;
}

/** What names a model file in traces and on what was measured with it; undefined where it was never hashed. */
export function knownIdentity({ name, sha256 }: ModelFile): ModelIdentity | undefined {
  return sha256 === null ? undefined : { name, hash: sha256, hashKind: 'sha256' };
}

export interface Verification {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
  /** Null for a file that the catalogue does not know. */
  readonly expectedSha256: string | null;
}

/** The models of this machine: one copy each, shared by every process. Holds no state of its own. */
export class ModelStore {
  readonly folder: string;
  readonly #options: ModelStoreOptions;
  readonly #catalogue: readonly CatalogueModel[];
  readonly #stamps: VerifiedStamps;
  readonly #recorded: RecordedFiles;

  constructor(options: ModelStoreOptions) {
    this.#recorded = new RecordedFiles(options.storePath, options.clock);
    this.folder = modelsFolderOf(options.storePath);
    this.#stamps = new VerifiedStamps(options.storePath, options.clock);
    this.#options = options;
    this.#catalogue = options.catalogue ?? productCatalogue;
  }

  /** Every catalogue model, here or not, then other GGUF files in the store, by name. */
  async list(): Promise<readonly InstalledModel[]> {
    const known = await Promise.all(this.#catalogue.map((model) => this.#describe(model)));
    const knownFiles = new Set(this.#catalogue.map((model) => model.fileName));
    const others = (await this.#ggufFiles()).filter((name) => !knownFiles.has(name));
    return [...known, ...(await Promise.all(others.map((name) => this.#describeOther(name))))];
  }

  /**
   * Finds the file of a catalogue name, a file name in the store, a path, or a name on the hub, in that order. Reads no content.
   * Throws `model.missing` with the way to get it.
   */
  async resolve(nameOrPath: string): Promise<ModelFile> {
    const model = findInCatalogue(nameOrPath, this.#catalogue);
    if (model !== null) return this.#resolveKnown(model);
    const inStore = path.join(this.folder, nameOrPath);
    const isPlainName = path.basename(nameOrPath) === nameOrPath;
    const found =
      (isPlainName ? await this.#fileAt(inStore) : null) ?? (await this.#fileAt(path.resolve(nameOrPath)));
    if (found !== null) return found;
    const onHub = modelOfHubName(nameOrPath);
    if (onHub !== null) return this.#resolveKnown(onHub);
    throw new CodedError(
      'model.missing',
      `There is no model named ${nameOrPath}, and no file at that path.`,
      `Use one of ${this.#catalogue.map((m) => m.name).join(', ')}, the path of a GGUF file, or its name on the hub as owner/repository/file.gguf.`,
    );
  }

  /**
   * Makes sure that a model of the catalogue or the hub is here and right; at once when it is. A second process asking for the same
   * model waits for the first. Aborting throws `cancelled` and keeps what was downloaded.
   */
  async fetch(
    name: string,
    onProgress: (progress: FetchProgress) => void,
    signal: AbortSignal,
  ): Promise<InstalledModel> {
    const model = this.#known(name);
    const present = await this.#describe(model);
    if (present.verified) return present;
    const progress = new ProgressReporter(onProgress, this.#options.clock);
    await ensureFolder(this.folder);
    try {
      await withFileLock(
        this.#lockPath(model),
        {
          clock: this.#options.clock,
          pollMs: this.#options.lockPollMs ?? 500,
          onWait: () => {
            progress.report('wait', 0, model.sizeBytes);
          },
        },
        () => this.#fetchLocked(model, progress, signal),
        signal,
      );
    } catch (thrown) {
      if (!signal.aborted) throw asDiskError(thrown, this.folder);
      throw new CodedError(
        'cancelled',
        `The download of ${model.name} was stopped. What was fetched so far is kept.`,
        'Fetch it again to go on from there.',
        { cause: thrown },
      );
    }
    return { ...(await this.#describe(model)), verified: true };
  }

  /** Hashes a model's whole file. Throws `model.missing` when it is not here. */
  async verify(
    nameOrPath: string,
    onProgress: (progress: FetchProgress) => void,
    signal: AbortSignal,
  ): Promise<Verification> {
    const file = await this.resolve(nameOrPath);
    const progress = new ProgressReporter(onProgress, this.#options.clock);
    const key = await fileKeyOf(file.path);
    const sha256 = await this.#hash(file.path, file.sizeBytes, progress, signal);
    const model = this.#modelAt(file.path);
    const expectedSha256 = model === null ? null : ((await this.#expected(model))?.sha256 ?? null);
    if (expectedSha256 === null || expectedSha256 === sha256) {
      await this.#stamps.keep(file.path, key, sha256);
    } else {
      await this.#stamps.forget(file.path);
    }
    return { name: file.name, path: file.path, sha256, expectedSha256 };
  }

  /** Deletes a model of the store, with all that was kept beside it. Throws `model.missing`. */
  async remove(name: string): Promise<void> {
    const known = findInCatalogue(name, this.#catalogue) ?? modelOfHubName(name);
    const fileName = known?.fileName ?? name;
    // A path would name a file of the user's: never that, nor the file of the store that is called alike.
    const isInStore = fileName.endsWith('.gguf') && path.basename(fileName) === fileName;
    const doomed = isInStore ? await this.#withCompanions(fileName) : [];
    if (doomed.length === 0) {
      throw new CodedError(
        'model.missing',
        `There is no model named ${name} in ${this.folder}.`,
        'List what is there with `entropane models list`.',
      );
    }
    // The model first: where it cannot be removed, what was measured of it stays with it.
    for (const file of [fileName, ...doomed.filter((each) => each !== fileName)]) {
      await removeFromStore(path.join(this.folder, file));
    }
  }

  /**
   * A model's file, if there, and what lies beside it under its name: measured costs, what an unfinished fetch left.
   * Not the lock of a fetch that is under way, nor another model.
   */
  async #withCompanions(fileName: string): Promise<readonly string[]> {
    const isOther = (name: string): boolean => name.endsWith('.lock') || name.endsWith('.gguf');
    const names = await readdir(this.folder).catch((thrown: unknown) => {
      if (isAbsent(thrown)) return [];
      throw thrown;
    });
    return names.filter((name) => name === fileName || (name.startsWith(`${fileName}.`) && !isOther(name)));
  }

  async #fetchLocked(model: CatalogueModel, progress: ProgressReporter, signal: AbortSignal): Promise<void> {
    if (await this.#isRight(model, progress, signal)) return;
    await fetchIntoStore(
      {
        model,
        folder: this.folder,
        hubEndpoint: this.#options.hubEndpoint,
        pip: this.#options.pip ?? null,
        timing: this.#options.timing ?? defaultDownloadTiming,
        progress,
        stamps: this.#stamps,
        expected: await this.#expected(model),
        record: (arrived) => this.#recorded.record(model.hub, arrived),
      },
      signal,
    );
  }

  /**
   * Whether the file in the store is the one that is expected; a wrong one stays until the right one replaces it. Where nothing
   * is known of it the one that was put there by hand is recorded.
   */
  async #isRight(model: CatalogueModel, progress: ProgressReporter, signal: AbortSignal): Promise<boolean> {
    const filePath = this.#pathOf(model);
    const [file, expected] = [await this.#fileAt(filePath), await this.#expected(model)];
    if (file === null || (expected !== null && file.sizeBytes !== expected.sizeBytes)) return false;
    if (expected !== null && file.sha256 === expected.sha256) return true;
    const key = await fileKeyOf(filePath);
    const sha256 = await this.#hash(filePath, file.sizeBytes, progress, signal);
    if (expected !== null && sha256 !== expected.sha256) return false;
    if (expected === null) await this.#recorded.record(model.hub, { sha256, sizeBytes: file.sizeBytes });
    await this.#stamps.keep(filePath, key, sha256);
    return true;
  }

  /** What the catalogue says of a file, or what arrived when it was fetched first; null where neither is known. */
  async #expected(
    model: CatalogueModel,
  ): Promise<{ readonly sha256: string; readonly sizeBytes: number } | null> {
    const { sha256, sizeBytes, hub } = model;
    if (sha256 !== null && sizeBytes !== null) return { sha256, sizeBytes };
    return this.#recorded.find(hub);
  }

  /** The model of the catalogue or the hub whose file in the store this is; null for any other file. */
  #modelAt(filePath: string): CatalogueModel | null {
    const known = this.#catalogue.find((model) => this.#pathOf(model) === filePath);
    if (known !== undefined) return known;
    return path.dirname(filePath) === this.folder ? modelOfStoredName(path.basename(filePath)) : null;
  }

  async #hash(
    filePath: string,
    sizeBytes: number,
    progress: ProgressReporter,
    signal: AbortSignal,
  ): Promise<string> {
    progress.report('verify', 0, sizeBytes);
    return hashFile(
      filePath,
      (doneBytes) => {
        progress.report('verify', doneBytes, sizeBytes);
      },
      signal,
    );
  }

  #known(name: string): CatalogueModel {
    const model = findInCatalogue(name, this.#catalogue) ?? modelOfHubName(name);
    if (model !== null) return model;
    throw new CodedError(
      'parameter.invalid',
      `The catalogue has no model named ${name}.`,
      `Use one of ${this.#catalogue.map((m) => m.name).join(', ')}, or a name on the hub as owner/repository/file.gguf.`,
    );
  }

  async #resolveKnown(model: CatalogueModel): Promise<ModelFile> {
    const file = await this.#fileAt(this.#pathOf(model));
    if (file !== null) return { ...file, name: model.name };
    throw new CodedError(
      'model.missing',
      `The model ${model.name} is not on this machine.`,
      `Fetch it with \`entropane models fetch ${model.name}\`.`,
    );
  }

  async #describe(model: CatalogueModel): Promise<InstalledModel> {
    const [file, expected] = [await this.#fileAt(this.#pathOf(model)), await this.#expected(model)];
    return {
      name: model.name,
      description: model.description,
      license: model.license,
      path: file?.path ?? null,
      sizeBytes: file?.sizeBytes ?? expected?.sizeBytes ?? model.sizeBytes,
      sha256: file?.sha256 ?? null,
      verified: file !== null && expected !== null && file.sha256 === expected.sha256,
    };
  }

  async #describeOther(fileName: string): Promise<InstalledModel> {
    const onHub = modelOfStoredName(fileName);
    if (onHub !== null) return this.#describe(onHub);
    const file = await this.#fileAt(path.join(this.folder, fileName));
    return {
      name: fileName,
      description: 'A file of your own',
      license: null,
      path: file?.path ?? null,
      sizeBytes: file?.sizeBytes ?? 0,
      sha256: file?.sha256 ?? null,
      verified: false,
    };
  }

  async #fileAt(filePath: string): Promise<ModelFile | null> {
    try {
      const found = await stat(filePath);
      if (!found.isFile()) return null;
      const name = path.basename(filePath);
      return { name, path: filePath, sizeBytes: found.size, sha256: await this.#stamps.hashOf(filePath) };
    } catch (thrown) {
      if (isAbsent(thrown)) return null;
      throw thrown;
    }
  }

  async #ggufFiles(): Promise<readonly string[]> {
    try {
      return (await readdir(this.folder)).filter((name) => name.endsWith('.gguf')).sort();
    } catch (thrown) {
      if (isAbsent(thrown)) return [];
      throw thrown;
    }
  }

  #pathOf(model: CatalogueModel): string {
    return path.join(this.folder, model.fileName);
  }

  #lockPath(model: CatalogueModel): string {
    return `${this.#pathOf(model)}.lock`;
  }
}
