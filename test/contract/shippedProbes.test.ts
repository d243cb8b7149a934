import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeProbe } from '../../lab/calibrate/encodeProbe.ts';
import { fitProbe } from '../../lab/calibrate/fitProbe.ts';
import { type DifficultyClass, difficultyClasses } from '../../protocol/traceEvent.ts';
import { vsixContents } from '../../scripts/vsix/vsixContents.mjs';
import { uniformAt } from '../../sidecar/numeric/random.ts';
import { autoTablePath } from '../../sidecar/reasoning/difficulty/autoTable.ts';
import { probeMetadataKeys } from '../../sidecar/reasoning/difficulty/probe.ts';
import { manifest } from '../support/machine/manifest.ts';
import { contractPeer, type ContractPeer } from '../support/sidecar/contractPeer.ts';

/** What the scripted engine says that its model file hashes to. */
const modelHash = '0'.repeat(64);
const hiddenSize = 6;

/** States around a centre for each class. */
function stateOf(difficulty: DifficultyClass, draw: number): Float32Array {
  const place = difficultyClasses.indexOf(difficulty);
  return Float32Array.from({ length: hiddenSize }, (_, i) => uniformAt(5, draw, i) + (i === place ? 4 : 0));
}

async function fittedProbe(hash: string): Promise<Uint8Array> {
  const labelled = Array.from({ length: 60 }, (_, draw) => {
    const difficulty = difficultyClasses[draw % 3] ?? 'easy';
    return { state: stateOf(difficulty, draw), difficulty };
  });
  const options = { seed: 1, onTrained: () => undefined };
  const { network } = await fitProbe(labelled, options, new AbortController().signal);
  return encodeProbe(
    network,
    new Map([
      [probeMetadataKeys.modelHash, hash],
      [probeMetadataKeys.hiddenSize, String(hiddenSize)],
    ]),
  );
}

let whole: Uint8Array;
let ofAnother: Uint8Array;
beforeAll(async () => {
  whole = await fittedProbe(modelHash);
  ofAnother = await fittedProbe('f'.repeat(64));
});

/** A server with these probes, whose model's prompts end in the state of a hard question. */
async function served(probes: { readonly shipped?: Uint8Array; readonly own?: Uint8Array }) {
  const peer = await contractPeer(({ call }) => (call === 0 ? 'It is 12.\nFinal answer:' : ' 12'), {
    local: { hiddenSize },
    hiddenState: () => stateOf('hard', 99),
  });
  const folders = { shipped: 'shippedProbes', own: 'probes' } as const;
  for (const [kind, bytes] of Object.entries(probes)) {
    const folder = path.join(peer.storePath, kind === 'own' ? folders.own : folders.shipped);
    await mkdir(folder);
    await writeFile(path.join(folder, `${modelHash}.onnx`), bytes);
  }
  await peer.initialize();
  await peer.whenHealth('ready');
  return peer;
}

async function judged(peer: ContractPeer) {
  const asked = peer.ask({ question: 'How many legs do three cats have?', strategy: 'auto', candidates: 1 });
  await asked.result;
  const event = asked.events.find(({ type }) => type === 'difficulty/decided');
  const types = asked.events.map(({ type }) => type);
  const health = await peer.request('entropane/health/get', null);
  return { event, types, notes: health.state === 'ready' ? health.notes : [] };
}

describe('a probe that ships', () => {
  it('serves the model that it was fitted to', async () => {
    await using peer = await served({ shipped: whole });
    const { event, notes } = await judged(peer);
    expect(event).toMatchObject({ source: 'probe', difficulty: 'hard', features: { stateSize: hiddenSize } });
    expect(notes).toEqual([]);
  });

  it('decides before a token is written, by the row that was measured with it', async () => {
    await using peer = await served({ shipped: whole });
    const profile = { strategy: 'chainOfThought', temperature: 0, tokenShare: 0.25, candidates: 1 };
    const row = { judge: 'probe', easy: profile, normal: profile, hard: { ...profile, skipPreamble: true } };
    const table = { version: 1, models: { [modelHash]: row } };
    await writeFile(autoTablePath(peer.storePath), JSON.stringify(table));
    const { event, types } = await judged(peer);
    expect(event).toMatchObject({ parameters: { skipPreamble: true } });
    expect(types.indexOf('difficulty/decided')).toBeLessThan(types.indexOf('tokens/appended'));
    expect(types).toContain('tokens/appended');
  });

  it("serves where the user's own is cut off, which health says", async () => {
    await using peer = await served({ shipped: whole, own: whole.subarray(0, whole.length - 9) });
    const { event, notes } = await judged(peer);
    expect(event).toMatchObject({ source: 'probe' });
    expect(notes).toEqual([expect.stringContaining(path.join('probes', `${modelHash}.onnx`))]);
  });

  it.each([
    { fault: 'of another model', shipped: () => ofAnother },
    { fault: 'cut off', shipped: () => whole.subarray(0, 100) },
  ])('that is $fault leaves the judgement to the entropy rule, which health says', async ({ shipped }) => {
    await using peer = await served({ shipped: shipped() });
    const { event, notes } = await judged(peer);
    expect(event).toMatchObject({ source: 'entropyRule' });
    expect(notes).toEqual([expect.stringContaining(`${modelHash}.onnx is not used`)]);
  });

  it('goes into the package and the VSIX, with its report', () => {
    expect(manifest.files).toContain('media/probes');
    const target = { platform: 'linux', arch: 'x64', llamaFlavour: 'linux-x64' };
    const rules = vsixContents({ ...target, hasOnnxRuntime: true, folders: {} });
    const media = rules.find(({ from }) => from === 'media');
    for (const end of ['onnx', 'md', 'scatter.svg', 'reliability.svg'])
      expect(`probes/${modelHash}.${end}`).toMatch(media?.only ?? /^$/);
    expect(`probes/${modelHash}.samples.jsonl`).not.toMatch(media?.only ?? /^/);
  });
});
