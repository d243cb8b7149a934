import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import { readGgufHeader } from '../../../../sidecar/gguf/readGgufHeader.ts';
import { pruningSha256 } from '../../../../sidecar/layerSkip/pruningRecord.ts';
import { profileVersion, type SkipProfile } from '../../../../sidecar/layerSkip/skipProfile.ts';
import {
  chooseDraft,
  type DraftLookup,
  notesOnDrafts,
} from '../../../../sidecar/modelHosting/draftChoice.ts';
import type { ModelFile } from '../../../../sidecar/models/modelStore.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { textValue, tinyModelBytes } from '../../../support/modelFiles/tinyModel.ts';

const never = new AbortController().signal;
const machine = 'A processor, 2 threads';

async function fileIn(folder: string, name: string, bytes: Uint8Array): Promise<ModelFile> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return { name, path: file, sizeBytes: bytes.byteLength, sha256: null };
}

function prunedFrom(sha256: string): Uint8Array {
  return tinyModelBytes({ metadata: new Map([['entropane.prune.source_sha256', textValue(sha256)]]) });
}

/** Files to be found there, and nothing measured of them unless a profile is given. */
function lookUp(resolve: DraftLookup['resolve'], profile: SkipProfile | null = null): DraftLookup {
  return { resolve, readProfile: () => Promise.resolve(profile), machine };
}

const only = (file: ModelFile, profile: SkipProfile | null = null): DraftLookup =>
  lookUp(() => Promise.resolve(file), profile);

async function profileOf(file: ModelFile, sourceSha256: string, decodeSpeed: number): Promise<SkipProfile> {
  const measured = { tokenCount: 100, perplexityRatio: 1.1, greedyAgreement: 0.9 };
  return {
    version: profileVersion,
    sourceSha256,
    sourceName: 'target.gguf',
    measurements: [
      {
        path: file.path,
        sizeBytes: file.sizeBytes,
        pruningSha256: pruningSha256(await readGgufHeader(file.path)),
        droppedBlocks: [3],
        isHealed: false,
        measuredAt: '2026-01-01T00:00:00.000Z',
        machine,
        textSha256: 'text',
        decodeSpeed: { median: decodeSpeed, low: decodeSpeed, high: decodeSpeed, rounds: 9 },
        quality: { ...measured, kinds: {} },
        draftAcceptance: null,
        filledLines: null,
      },
    ],
  };
}

describe('the draft model of a setting', () => {
  it('is none for an empty setting, which nothing is looked up for', async () => {
    await using folder = await temporaryFolder();
    const target = await fileIn(folder.path, 'target.gguf', tinyModelBytes({}));
    const untouched = lookUp(() => Promise.reject(new Error('looked up')));
    expect(await chooseDraft('', target, untouched, never)).toEqual({ requests: [], notes: [] });
  });

  it('is a layerSkip where it was pruned from the model itself, whether its hash is known or must be taken', async () => {
    await using folder = await temporaryFolder();
    const bytes = tinyModelBytes({});
    const target = await fileIn(folder.path, 'target.gguf', bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const own = await fileIn(folder.path, 'own.gguf', prunedFrom(sha256));
    const requests = [{ path: own.path, source: 'layerSkip' }];
    expect(await chooseDraft('own', target, only(own), never)).toEqual({ requests, notes: [] });
    expect((await chooseDraft('own', { ...target, sha256 }, only(own), never)).requests).toEqual(requests);
  });

  it('is a draftModel where it was pruned from another, or not at all', async () => {
    await using folder = await temporaryFolder();
    const target = await fileIn(folder.path, 'target.gguf', tinyModelBytes({}));
    for (const bytes of [prunedFrom('0'.repeat(64)), tinyModelBytes({})]) {
      const other = await fileIn(folder.path, 'other.gguf', bytes);
      const { requests } = await chooseDraft('other', target, only(other), never);
      expect(requests).toEqual([{ path: other.path, source: 'draftModel' }]);
    }
  });

  it('is a note, and no failure, where the file is missing, no model, or the model itself', async () => {
    await using folder = await temporaryFolder();
    const target = await fileIn(folder.path, 'target.gguf', tinyModelBytes({}));
    const missing = () => Promise.reject(new CodedError('model.missing', 'It is not here.', 'Fetch it.'));
    const text = await fileIn(folder.path, 'notes.gguf', Buffer.from('no model at all'));
    for (const lookup of [lookUp(missing), only(text), only(target)]) {
      const { requests, notes } = await chooseDraft('other', target, lookup, never);
      expect(requests).toEqual([]);
      expect(notes).toHaveLength(1);
    }
  });

  it('is none where the copy was measured and cannot pay as a draft, and is left to the governor where it may', async () => {
    await using folder = await temporaryFolder();
    const bytes = tinyModelBytes({});
    const target = await fileIn(folder.path, 'target.gguf', bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const own = await fileIn(folder.path, 'own.gguf', prunedFrom(sha256));
    const slow = await chooseDraft('own', target, only(own, await profileOf(own, sha256, 1.1)), never);
    expect(slow.requests).toEqual([]);
    expect(slow.notes).toHaveLength(1);
    const quick = await chooseDraft('own', target, only(own, await profileOf(own, sha256, 3)), never);
    expect(quick).toEqual({ requests: [{ path: own.path, source: 'layerSkip' }], notes: [] });
  });

  it('is told in the notes: which drafts, or why not', () => {
    const refused = {
      code: 'draft.incompatible',
      message: 'Tokens differ.',
      remedy: 'Choose another.',
    } as const;
    const [drafts, alone] = notesOnDrafts(
      [
        { path: '/m/small.gguf', source: 'draftModel', error: null },
        { path: '/m/other.gguf', source: 'draftModel', error: refused },
      ],
      (file) => path.basename(file),
    );
    expect(drafts).toContain('small.gguf');
    expect(alone).toContain('Tokens differ. Choose another.');
  });
});
