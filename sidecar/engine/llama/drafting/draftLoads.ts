import { basename } from 'node:path';
import { CodedError, toCodedError } from '../../../../protocol/codedError.ts';
import type { DraftLoadResult, DraftRequest } from '../../engine.ts';
import type { HostDependencies } from '../loading/hostDependencies.ts';
import type { LoadPlan } from '../loading/loadPlan.ts';
import { inMebibytes } from '../loading/memoryFit.ts';
import { captureWarnings } from '../native/nativeRuntime.ts';
import {
  checkDraftFile,
  type DraftFile,
  type DraftHost,
  type DraftTarget,
  loadDraftHost,
} from './draftHost.ts';

/** A request that can still be met, or the error that ended it. */
export type CheckedDraft =
  | { readonly type: 'fits'; readonly file: DraftFile }
  | { readonly type: 'refused'; readonly result: DraftLoadResult };

/** Reads the headers of all requested drafts. Never rejects: a file that cannot draft is refused by itself. */
export function checkDrafts(
  requests: readonly DraftRequest[],
  target: DraftTarget,
): Promise<readonly CheckedDraft[]> {
  return Promise.all(
    requests.map(async (request): Promise<CheckedDraft> => {
      try {
        return { type: 'fits', file: await checkDraftFile(request, target) };
      } catch (thrown) {
        return refused(request, toCodedError(thrown));
      }
    }),
  );
}

/**
 * How the model is loaded beside its drafts, of `plan` with the bytes that they take. Where there is no room for all, or
 * only beside a cache of less exact numbers or fewer layers on a device, the drafts are refused and the model gets what
 * it would get alone: drafting changes no text and slows no model down. A context whose size was not requested may be shorter.
 * Throws as `plan` does for the model alone.
 */
export function fitBesideDrafts(
  plan: (besideBytes: number) => LoadPlan,
  drafts: readonly CheckedDraft[],
  availableBytes: number,
): { readonly plan: LoadPlan; readonly drafts: readonly CheckedDraft[] } {
  const draftBytes = drafts.reduce(
    (sum, draft) => sum + (draft.type === 'fits' ? draft.file.sizeBytes : 0),
    0,
  );
  const alone = plan(0);
  if (draftBytes === 0) return { plan: alone, drafts };
  const beside = planOrNull(() => plan(draftBytes));
  if (beside !== null && takesNothingFrom(alone, beside)) return { plan: beside, drafts };
  return { plan: alone, drafts: drafts.map((draft) => refusedForRoom(draft, availableBytes)) };
}

/** Null where there is no room. */
function planOrNull(plan: () => LoadPlan): LoadPlan | null {
  try {
    return plan();
  } catch (thrown) {
    if (toCodedError(thrown).code === 'memory.insufficient') return null;
    throw thrown;
  }
}

function takesNothingFrom(alone: LoadPlan, beside: LoadPlan): boolean {
  return (
    beside.cacheType === alone.cacheType &&
    beside.placement.deviceLayers === alone.placement.deviceLayers &&
    beside.placement.hostExpertBlocks.length === alone.placement.hostExpertBlocks.length
  );
}

export interface LoadedDrafts {
  readonly hosts: readonly DraftHost[];
  readonly results: readonly DraftLoadResult[];
}

/**
 * Loads those that can still be met, one after another. Throws `cancelled` alone, and nothing is left then; another
 * failure is the draft's own.
 */
export async function loadDrafts(
  dependencies: HostDependencies,
  drafts: readonly CheckedDraft[],
  options: Parameters<typeof loadDraftHost>[2],
): Promise<LoadedDrafts> {
  const hosts: DraftHost[] = [];
  const results: DraftLoadResult[] = [];
  for (const draft of drafts) {
    if (draft.type === 'refused') {
      results.push(draft.result);
      continue;
    }
    const { path, source } = draft.file;
    try {
      hosts.push(await loadDraftHost(dependencies, draft.file, options));
      results.push({ path, source, error: null });
    } catch (thrown) {
      const error = toCodedError(thrown);
      if (error.code === 'cancelled') {
        captureWarnings(dependencies.runtime.library, () => {
          for (const host of hosts) host.dispose();
        });
        throw error;
      }
      results.push({ path, source, error: error.toData() });
    }
  }
  return { hosts, results };
}

function refused({ path, source }: DraftRequest, error: CodedError): CheckedDraft {
  return { type: 'refused', result: { path, source, error: error.toData() } };
}

function refusedForRoom(draft: CheckedDraft, availableBytes: number): CheckedDraft {
  if (draft.type === 'refused') return draft;
  const { path, sizeBytes } = draft.file;
  const error = new CodedError(
    'memory.insufficient',
    `${basename(path)} would need ${inMebibytes(sizeBytes)} MiB to draft beside the model, and of ` +
      `${inMebibytes(availableBytes)} MiB the model leaves too little.`,
    'Lower the context size, choose a smaller draft model, or none.',
  );
  return refused(draft.file, error);
}
