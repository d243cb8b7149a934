import { requireLocal } from '../../../../sidecar/engine/requireLocal.ts';
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { Model } from '../../../../sidecar/engine/engine.ts';
import { scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import { readGgufHeader } from '../../../../sidecar/gguf/readGgufHeader.ts';
import { pruningSha256 } from '../../../../sidecar/layerSkip/pruningRecord.ts';
import type { SkipMeasurement } from '../../../../sidecar/layerSkip/skipProfile.ts';
import { SkipProfileStore } from '../../../../sidecar/layerSkip/skipProfileStore.ts';
import { FastModel } from '../../../../sidecar/modelHosting/fastModel.ts';
import type { ModelLease } from '../../../../sidecar/modelHosting/modelSlot.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { entropyRule, uncalibratedThresholds } from '../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { textsValue, textValue, tinyModelBytes } from '../../../support/modelFiles/tinyModel.ts';

const never = new AbortController().signal;
const machine = 'A processor';
const sourceSha256 = 'a'.repeat(64);
const chosen = { ...defaultSettings, fastModel: 'fast.gguf' };

/** A model file with these tokens, and a scripted model that claims to be loaded from it. */
async function modelIn(folder: string, name: string, tokens: readonly string[]): Promise<Model> {
  const file = path.join(folder, name);
  const metadata = new Map([
    ['tokenizer.ggml.tokens', textsValue(tokens)],
    ['entropane.prune.source_sha256', textValue(sourceSha256)],
  ]);
  await writeFile(file, tinyModelBytes({ metadata }));
  return scriptedModel(scriptBySequence([]), { local: { path: file } });
}

/** The fast model of a store, over an owner that lends `lent` and remembers what it was told. */
function fastModelOf(folder: string, lent: () => Promise<Model>) {
  const log: string[] = [];
  const told: string[] = [];
  const fast = new FastModel({
    owner: {
      assign: (role, settings) => told.push(`${role} is ${settings?.model ?? 'none'}`),
      acquire: async (): Promise<ModelLease> => ({
        model: await lent(),
        estimator: entropyRule(uncalibratedThresholds),
        notes: [],
        release: () => told.push('released'),
      }),
    },
    profiles: () => new SkipProfileStore(folder, systemClock),
    machine,
    log: (line) => log.push(line),
  });
  return { fast, log, told };
}

const measurement = async (file: string): Promise<SkipMeasurement> => ({
  path: file,
  sizeBytes: (await stat(file)).size,
  pruningSha256: pruningSha256(await readGgufHeader(file)),
  droppedBlocks: [1],
  isHealed: false,
  measuredAt: '2026-01-01T00:00:00.000Z',
  machine,
  textSha256: '',
  decodeSpeed: { median: 1.2, low: 1.1, high: 1.3, rounds: 5 },
  quality: { tokenCount: 9, perplexityRatio: 1.1, greedyAgreement: 0.9, kinds: {} },
  draftAcceptance: null,
  filledLines: { smaller: 0.76, whole: 0.77, lines: 100 },
});

describe('the fast model of the settings', () => {
  it('is none while none is chosen', async () => {
    await using folder = await temporaryFolder();
    const whole = await modelIn(folder.path, 'whole.gguf', ['a', 'b']);
    const { fast, told } = fastModelOf(folder.path, () => Promise.resolve(whole));
    fast.choose(defaultSettings);
    expect(await fast.acquire(whole, never)).toBeNull();
    expect(told).toEqual(['fast is none']);
  });

  it('is lent with what was measured of that very file, and given back', async () => {
    await using folder = await temporaryFolder();
    const whole = await modelIn(folder.path, 'whole.gguf', ['a', 'b']);
    const small = await modelIn(folder.path, 'small.gguf', ['a', 'b']);
    const { fast, log, told } = fastModelOf(folder.path, () => Promise.resolve(small));
    fast.choose(chosen);
    expect((await fast.acquire(whole, never))?.quality).toBeNull();
    expect((await fast.acquire(whole, never))?.model).toBe(small);
    expect(log).toHaveLength(1);
    const store = new SkipProfileStore(folder.path, systemClock);
    await store.add(
      { sha256: sourceSha256, name: 'whole' },
      await measurement(requireLocal(small.info).path),
    );
    const lease = await fast.acquire(whole, never);
    expect(lease?.model).toBe(small);
    expect(lease?.quality).toEqual({ perplexityRatio: 1.1, greedyAgreement: 0.9, decodeSpeedRatio: 1.2 });
    expect(log).toHaveLength(1);
    lease?.release();
    expect(told).toEqual(['fast is fast.gguf', 'released']);
  });

  it.each([
    ['has other tokens', ['a', 'c']],
    ['is missing', null],
  ])('that %s leaves the work to the whole model, and the log says why', async (_, tokens) => {
    await using folder = await temporaryFolder();
    const whole = await modelIn(folder.path, 'whole.gguf', ['a', 'b']);
    const lend = (): Promise<Model> =>
      tokens === null
        ? Promise.reject(new CodedError('model.missing', 'It is not here.', 'Fetch it.'))
        : modelIn(folder.path, 'small.gguf', tokens);
    const { fast, log, told } = fastModelOf(folder.path, lend);
    fast.choose(chosen);
    expect(await fast.acquire(whole, never)).toBeNull();
    expect(log).toHaveLength(1);
    expect(told.slice(1)).toEqual(tokens === null ? [] : ['released']);
  });

  it.each([
    ['is not faster', { decodeSpeed: { median: 1.01, low: 0.99, high: 1.05, rounds: 5 } }],
    ['fills in fewer lines', { filledLines: { smaller: 0.64, whole: 0.77, lines: 150 } }],
    [
      'writes something else',
      { filledLines: null, quality: { tokenCount: 9, perplexityRatio: 2, greedyAgreement: 0.6, kinds: {} } },
    ],
  ])(
    'that was measured and %s is not used until it is chosen again, and the log says why',
    async (_, found) => {
      await using folder = await temporaryFolder();
      const whole = await modelIn(folder.path, 'whole.gguf', ['a', 'b']);
      const small = await modelIn(folder.path, 'small.gguf', ['a', 'b']);
      const { fast, log, told } = fastModelOf(folder.path, () => Promise.resolve(small));
      const store = new SkipProfileStore(folder.path, systemClock);
      const good = await measurement(requireLocal(small.info).path);
      await store.add({ sha256: sourceSha256, name: 'whole' }, { ...good, ...found });
      fast.choose(chosen);
      expect(await fast.acquire(whole, never)).toBeNull();
      expect(await fast.acquire(whole, never)).toBeNull();
      expect(log).toHaveLength(1);
      expect(told).toEqual(['fast is fast.gguf', 'released', 'fast is none']);
      await store.add({ sha256: sourceSha256, name: 'whole' }, good);
      fast.choose(chosen);
      expect((await fast.acquire(whole, never))?.model).toBe(small);
    },
  );

  it('that was not shown to pay is used as one that was not measured is, and the log says so once', async () => {
    await using folder = await temporaryFolder();
    const whole = await modelIn(folder.path, 'whole.gguf', ['a', 'b']);
    const small = await modelIn(folder.path, 'small.gguf', ['a', 'b']);
    const { fast, log } = fastModelOf(folder.path, () => Promise.resolve(small));
    const unfilled = { ...(await measurement(requireLocal(small.info).path)), filledLines: null };
    await new SkipProfileStore(folder.path, systemClock).add(
      { sha256: sourceSha256, name: 'whole' },
      unfilled,
    );
    fast.choose(chosen);
    expect((await fast.acquire(whole, never))?.quality).toMatchObject({ greedyAgreement: 0.9 });
    expect((await fast.acquire(whole, never))?.model).toBe(small);
    expect(log).toEqual([expect.stringContaining('was not shown to pay')]);
  });

  it('is looked at once beside each model, and not with each request', async () => {
    await using folder = await temporaryFolder();
    const whole = await modelIn(folder.path, 'whole.gguf', ['a', 'b']);
    const small = await modelIn(folder.path, 'small.gguf', ['a', 'b']);
    const { fast } = fastModelOf(folder.path, () => Promise.resolve(small));
    fast.choose(chosen);
    expect((await fast.acquire(whole, never))?.model).toBe(small);
    await rm(requireLocal(whole.info).path);
    expect((await fast.acquire(whole, never))?.model).toBe(small);
    const loadedAnew = await modelIn(folder.path, 'whole.gguf', ['a', 'c']);
    expect(await fast.acquire(loadedAnew, never)).toBeNull();
    expect((await fast.acquire(whole, never))?.model).toBe(small);
  });

  it('that is the model itself is not used', async () => {
    await using folder = await temporaryFolder();
    const whole = await modelIn(folder.path, 'whole.gguf', ['a', 'b']);
    const { fast } = fastModelOf(folder.path, () => Promise.resolve(whole));
    fast.choose(chosen);
    expect(await fast.acquire(whole, never)).toBeNull();
  });

  it('passes on that the request was cancelled', async () => {
    await using folder = await temporaryFolder();
    const whole = await modelIn(folder.path, 'whole.gguf', ['a', 'b']);
    const cancelled = new CodedError('cancelled', 'Cancelled.', 'Ask again.');
    const { fast } = fastModelOf(folder.path, () => Promise.reject(cancelled));
    fast.choose(chosen);
    await expect(fast.acquire(whole, AbortSignal.abort())).rejects.toBe(cancelled);
  });
});
