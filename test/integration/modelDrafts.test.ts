import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelDraftSource } from '../../protocol/traceEvent.ts';
import type { Engine, LoadOptions, Model } from '../../sidecar/engine/engine.ts';
import { MachineLoad, systemProcessorTimes } from '../../sidecar/engine/llama/decoding/machineLoad.ts';
import { ControlBlock } from '../../sidecar/engine/llama/connection/controlBlock.ts';
import { loadModelHost } from '../../sidecar/engine/llama/modelHost.ts';
import type { Pointer } from '../../sidecar/engine/llama/native/llamaStructs.ts';
import { openNativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import {
  generated,
  type Generated,
  promptedSequence,
  requestWith,
  unhurried,
} from '../support/engine/generating.ts';
import {
  createRealEngine,
  findModelPath,
  installedModelPath,
  loadForTest,
} from '../support/engine/realEngine.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/machine/temporaryFolder.ts';
import { writePruned } from '../support/modelFiles/prunedModel.ts';

const prompt = `<|im_start|>user
Write a Python function that tells whether a number is prime, with a docstring.<|im_end|>
<|im_start|>assistant
`;

/** Unlike what was answered before, of which the trie would know too much to leave a step to a model. */
const otherPrompt = `<|im_start|>user
Describe the weather on the coast of Norway in November.<|im_end|>
<|im_start|>assistant
`;

let engine: Engine;
let folder: TemporaryFolder;
let small = '';
let large: string | null = null;
let pruned = '';

beforeAll(async () => {
  engine = createRealEngine();
  folder = await temporaryFolder();
  small = await installedModelPath('qwen2.5-coder-0.5b');
  large = await findModelPath('qwen2.5-coder-1.5b');
  const selection = { type: 'drop', blocks: [21] } as const;
  pruned = await writePruned(small, { folder: folder.path, selection, sha256: 'of the 0.5B' });
});
afterAll(async () => {
  await engine.dispose();
  await folder[Symbol.asyncDispose]();
});

async function answer(model: Model, maxTokens: number): Promise<Generated> {
  const sequence = await promptedSequence(model, prompt);
  try {
    return await generated(sequence, requestWith({ maxTokens, alternatives: 2 }));
  } finally {
    await sequence.dispose();
  }
}

function draftsOf({ drafts }: Generated, source: ModelDraftSource): { drafted: number; accepted: number } {
  const count = drafts.find((draft) => draft.source === source);
  return { drafted: count?.draftedTokenCount ?? 0, accepted: count?.acceptedTokenCount ?? 0 };
}

/** The largest pair at hand: the 0.5B for the 1.5B where that is installed, a pruned copy for the 0.5B elsewhere. */
function pairFor(source: ModelDraftSource): { readonly target: string; readonly draft: string } {
  const isLarge = source === 'draftModel' && large !== null;
  return isLarge ? { target: large ?? '', draft: small } : { target: small, draft: pruned };
}

describe.each(['draftModel', 'layerSkip'] as const)('a second model that drafts as %s', (source) => {
  const load = (speculation: LoadOptions['speculation'], pair = pairFor(source)): Promise<Model> =>
    loadForTest(engine, pair.target, { speculation, drafts: [{ path: pair.draft, source }] });

  it('leaves the greedy text as it is, but for rounding, and is named with what it guessed right', async () => {
    const plainModel = await load('off');
    expect(requireLocal(plainModel.info).drafts).toEqual([]);
    const plain = await answer(plainModel, 48);
    await plainModel.dispose();
    const model = await load('on');
    expect(requireLocal(model.info).drafts).toEqual([{ path: pairFor(source).draft, source, error: null }]);
    const drafted = await answer(model, 48);
    const forked = await forkedAnswers(model);
    await model.dispose();

    const { drafted: draftedCount, accepted } = draftsOf(drafted, source);
    const difference = plain.ids.findIndex((id, i) => id !== drafted.ids[i]);
    console.log(
      `${path.basename(pairFor(source).target)}: ${accepted} of ${draftedCount} drafted tokens accepted, ` +
        (difference < 0 ? 'the same text' : `the same text up to token ${difference}`),
    );
    if (difference >= 0) expect(plain.steps[difference]?.margin).toBeLessThan(0.05);
    expect(accepted).toBeGreaterThan(12);
    expect(draftedCount).toBeGreaterThanOrEqual(accepted);
    const named = drafted.steps.filter((step) => step.source === source).length;
    expect([named, named + 1]).toContain(accepted);
    expect(forked.some(({ drafts }) => drafts.some((count) => count.source === source))).toBe(true);
  });

  it('is hardly asked where the governor sees that it costs more than it saves', async () => {
    // The governor knows a draft by its price, not by its size.
    const model = await load('auto', { target: small, draft: pruned });
    await answer(model, 48);
    const later = await answer(model, 48);
    await model.dispose();
    expect(draftsOf(later, source).drafted).toBeLessThan(8);
  });
});

/** Two forks of one prompt, generating beside each other: the draft model follows both. */
async function forkedAnswers(model: Model): Promise<readonly Generated[]> {
  const sequence = await promptedSequence(model, otherPrompt);
  const forks = await sequence.fork(2, unhurried);
  const answers = await Promise.all(
    forks.map((fork, i) =>
      generated(
        fork,
        requestWith({ maxTokens: 16, seed: i, sampler: { temperature: 0.8, topK: 0, topP: 1, minP: 0.1 } }),
      ),
    ),
  );
  await Promise.all([...forks, sequence].map((each) => each.dispose()));
  return answers;
}

describe('a model that cannot draft', () => {
  it('is refused for its tokens, with both names, and the other serves without it', async () => {
    const other = await installedModelPath('smollm2-135m');
    const model = await loadForTest(engine, small, {
      speculation: 'on',
      drafts: [{ path: other, source: 'draftModel' }],
    });
    const [standing] = requireLocal(model.info).drafts;
    expect(standing?.error?.code).toBe('draft.incompatible');
    expect(standing?.error?.message).toContain(path.basename(other));
    expect(standing?.error?.message).toContain(path.basename(small));
    expect((await answer(model, 8)).steps).toHaveLength(8);
    await model.dispose();
  });

  it('is refused where its weights are cut off or the file is gone, and the other serves without it', async () => {
    const cut = path.join(folder.path, 'cut.gguf');
    const head = Buffer.alloc(40 * 2 ** 20);
    await using source = await open(pruned, 'r');
    await source.read(head, 0, head.byteLength, 0);
    await using target = await open(cut, 'w');
    await target.write(head);
    const model = await loadForTest(engine, small, {
      speculation: 'on',
      drafts: [
        { path: cut, source: 'layerSkip' },
        { path: path.join(folder.path, 'none.gguf'), source: 'draftModel' },
      ],
    });
    expect(requireLocal(model.info).drafts.map(({ error }) => error?.code)).toEqual([
      'model.unreadable',
      'model.missing',
    ]);
    expect((await answer(model, 8)).steps).toHaveLength(8);
    await model.dispose();
    expect(await nativeBalance([cut])).toEqual({ models: [1, 1], contexts: [1, 1] });
  });

  it('is freed with the model that it drafts for', async () => {
    expect(await nativeBalance([pruned])).toEqual({ models: [2, 2], contexts: [2, 2] });
  });
});

/** Loads the 0.5B with these drafts and frees it: how many models and contexts llama.cpp opened and how many it freed. */
async function nativeBalance(draftPaths: readonly string[]) {
  const dist = path.join(import.meta.dirname, '../../dist');
  const runtime = openNativeRuntime(dist);
  const { library } = runtime;
  const models = [0, 0];
  const contexts = [0, 0];
  const count = (counts: number[], at: number): void => {
    counts[at] = (counts[at] ?? 0) + 1;
  };
  const host = await loadModelHost(
    {
      runtime: {
        ...runtime,
        library: {
          ...library,
          loadModel: (file, params) => {
            const model = library.loadModel(file, params);
            if (model !== null) count(models, 0);
            return model;
          },
          freeModel: (model) => {
            count(models, 1);
            library.freeModel(model);
          },
          initContext: (model, params) => {
            const context = library.initContext(model, params);
            if (context !== null) count(contexts, 0);
            return context;
          },
          freeContext: (context) => {
            count(contexts, 1);
            library.freeContext(context);
          },
        },
      },
      bundleFolder: dist,
      control: new ControlBlock(),
      events: { prefilled: ignore, stepped: ignore, ended: ignore, failed: ignore },
      now: () => performance.now(),
      date: () => new Date(),
      load: new MachineLoad(systemProcessorTimes, () => performance.now()),
      loaded: () => [],
    },
    {
      path: small,
      options: {
        contextTokens: 512,
        maxSequences: 1,
        threads: 2,
        speculation: 'on',
        drafts: draftPaths.map((draftPath) => ({ path: draftPath, source: 'layerSkip' })),
      },
      isCancelled: () => false,
    },
  );
  host.dispose();
  return { models, contexts };
}

function ignore(): void {
  return;
}

it('a draft cancelled while its model catches up with a long prompt ends in the middle of that call', async () => {
  const dist = path.join(import.meta.dirname, '../../dist');
  const runtime = openNativeRuntime(dist);
  const control = new ControlBlock();
  const contexts: Pointer[] = [];
  const calls: { readonly context: number; readonly code: number }[] = [];
  const answers = new Map<number, unknown>();
  let whileDrafting: () => void = () => undefined;
  const host = await loadModelHost(
    {
      runtime: {
        ...runtime,
        library: {
          ...runtime.library,
          initContext: (model, params) => {
            const context = runtime.library.initContext(model, params);
            contexts.push(context);
            return context;
          },
          decode: (context, batch) => {
            const index = contexts.indexOf(context);
            if (index === 1) whileDrafting();
            const code = runtime.library.decode(context, batch);
            calls.push({ context: index, code });
            return code;
          },
        },
      },
      bundleFolder: dist,
      control,
      events: {
        prefilled: (callId, prefill) => answers.set(callId, prefill),
        stepped: () => undefined,
        ended: (callId, { end }) => answers.set(callId, end),
        failed: (callId, error) => answers.set(callId, error.code),
      },
      now: () => performance.now(),
      date: () => new Date(),
      load: new MachineLoad(systemProcessorTimes, () => performance.now()),
      loaded: () => [],
    },
    {
      path: small,
      options: {
        contextTokens: 1024,
        maxSequences: 2,
        threads: 2,
        speculation: 'on',
        drafts: [{ path: pruned, source: 'layerSkip' }],
      },
      isCancelled: () => false,
    },
  );
  try {
    const { sequences, loop } = host;
    const runAll = (): void => {
      while (loop.hasWork) loop.runRound();
    };
    sequences.open(0, { priority: 'interactive' });
    // No pair of these tokens comes twice, so the look-up has nothing to offer.
    sequences.append(
      0,
      1,
      Array.from({ length: 400 }, (_, i) => 1000 + i),
    );
    runAll();
    calls.length = 0;
    sequences.generate(0, 2, requestWith({ maxTokens: 50 }));
    whileDrafting = () => {
      control.cancel(0);
    };
    loop.runRound();
    loop.runRound();
    expect(answers.get(2)).toEqual({ type: 'cancelled' });
    // The draft model's call was given up, and at most the step that was due came after it.
    expect(calls[0]).toEqual({ context: 1, code: 2 });
    expect(calls.slice(1).every(({ context }) => context === 0)).toBe(true);
    expect(calls.length).toBeLessThanOrEqual(2);
    // The next text is drafted for as if nothing had been.
    whileDrafting = () => undefined;
    control.renew(0);
    sequences.generate(0, 3, requestWith({ maxTokens: 6 }));
    runAll();
    expect(answers.get(3)).toEqual({ type: 'maxTokens' });
    expect(calls.some(({ context, code }) => context === 1 && code === 0)).toBe(true);
  } finally {
    host.dispose();
  }
});
