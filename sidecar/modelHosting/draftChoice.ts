import { CodedError, type ErrorData, toCodedError } from '../../protocol/codedError.ts';
import type { DraftLoadResult, DraftRequest } from '../engine/engine.ts';
import { readGgufHeader } from '../gguf/readGgufHeader.ts';
import { measurementOf } from '../layerSkip/measurementOf.ts';
import { prunedSourceOf } from '../layerSkip/prunedSource.ts';
import { pruningSha256 } from '../layerSkip/pruningRecord.ts';
import { draftVerdict, type SkipProfile, type SkipVerdict } from '../layerSkip/skipProfile.ts';
import { hashFile } from '../models/fileHash.ts';
import type { ModelFile } from '../models/modelStore.ts';

/** Result of the setting for one model: at most one request, or the reason why there is none. */
export interface DraftChoice {
  readonly requests: readonly DraftRequest[];
  readonly notes: readonly string[];
}

/** Where draft models and what was measured of them are looked up. */
export interface DraftLookup {
  /** Throws `model.missing`. */
  readonly resolve: (nameOrPath: string) => Promise<ModelFile>;
  /** What smaller copies of the model with this SHA-256 were measured to be worth; null where nothing was. */
  readonly readProfile: (sourceSha256: string) => Promise<SkipProfile | null>;
  /** As measurements name it. */
  readonly machine: string;
}

/**
 * The draft model that a setting names, empty for none. A file that was pruned from the model itself is `layerSkip`, any
 * other a `draftModel`; for the former the model is hashed where its hash is not known. A draft model that is missing or
 * unreadable is a note: the model serves without it. So is a pruned copy whose profile says that drafting with it cannot
 * pay. Throws only when aborted.
 */
export async function chooseDraft(
  nameOrPath: string,
  target: ModelFile,
  { resolve, readProfile, machine }: DraftLookup,
  signal: AbortSignal,
): Promise<DraftChoice> {
  if (nameOrPath === '') return { requests: [], notes: [] };
  try {
    const file = await resolve(nameOrPath);
    if (file.path === target.path) throw draftsForItself(target.name);
    const header = await readGgufHeader(file.path);
    const sourceSha256 = prunedSourceOf(header);
    const isOwn = sourceSha256 !== null && sourceSha256 === (await sha256Of(target, signal));
    const measured = { path: file.path, pruningSha256: pruningSha256(header) };
    const verdict = isOwn ? await verdictOn(measured, await readProfile(sourceSha256), machine) : null;
    if (verdict?.pays === false) {
      return {
        requests: [],
        notes: [`Without a draft model: ${file.name} does not pay as one. ${verdict.why}`],
      };
    }
    return { requests: [{ path: file.path, source: isOwn ? 'layerSkip' : 'draftModel' }], notes: [] };
  } catch (thrown) {
    signal.throwIfAborted();
    return { requests: [], notes: [noteOf(toCodedError(thrown).toData())] };
  }
}

/** What to say of the draft models of a loaded model. */
export function notesOnDrafts(
  results: readonly DraftLoadResult[],
  nameOf: (path: string) => string,
): readonly string[] {
  return results.map(({ path, source, error }) => {
    if (error !== null) return noteOf(error);
    const what = source === 'layerSkip' ? 'the same model without some blocks' : 'a draft model';
    return `${nameOf(path)}, ${what}, drafts where that pays.`;
  });
}

/** Null where this very file was not measured here, which leaves it to the governor. */
async function verdictOn(
  file: { readonly path: string; readonly pruningSha256: string },
  profile: SkipProfile | null,
  machine: string,
): Promise<SkipVerdict | null> {
  const measured = profile === null ? null : await measurementOf(profile, file, machine);
  return measured === null ? null : draftVerdict(measured);
}

function noteOf({ message, remedy }: ErrorData): string {
  return `Without a draft model, so the model writes at its plain speed: ${message} ${remedy}`;
}

function sha256Of(target: ModelFile, signal: AbortSignal): Promise<string> {
  if (target.sha256 !== null) return Promise.resolve(target.sha256);
  return hashFile(target.path, () => undefined, signal);
}

function draftsForItself(name: string): CodedError {
  return new CodedError(
    'draft.incompatible',
    `${name} cannot draft for itself: each guess would take as long as the token it saves.`,
    'Choose a smaller model of the same family as a draft, or none.',
  );
}
