import { fileSource } from '../../../../../sidecar/engine/engineSource.ts';
import { describe, expect, it } from 'vitest';
import { commandLineTrials } from '../../../../../sidecar/cli/commandLineTrials.ts';
import type { Engine, LoadOptions, Model } from '../../../../../sidecar/engine/engine.ts';
import { createLlamaEngine } from '../../../../../sidecar/engine/llama/llamaEngine.ts';
import { unhurried } from '../../../../support/engine/generating.ts';
import { standInBundle } from '../../../../support/engine/standInThread.ts';

const options: LoadOptions = {
  contextTokens: 512,
  maxSequences: 1,
  threads: 1,
  speculation: 'off',
};

/**
 * A thread that loads whatever it is asked to, but for a file named `never`, which it goes on loading, and that dies of
 * tokenizing.
 */
const loads = `{
  'model/load': (callId, { path }) => path.endsWith('never') ? [] : [
    { type: 'call/done', callId, result: { info: { local: { path, drafts: [] } }, chatTemplate: null, beginText: '', endText: '' } },
  ],
  'text/tokenize': () => { throw new Error('broken'); },
}`;

function load(engine: Engine, name: string, signal = unhurried): Promise<Model> {
  return engine.open(fileSource(`/nowhere/${name}`), options, signal);
}

/** A load that is under way and comes to no end by itself. */
async function endlessLoad(engine: Engine): Promise<{ readonly outcome: Promise<unknown> }> {
  const outcome = load(engine, 'never').catch((thrown: unknown) => thrown);
  // Asked for behind it and answered by the thread, so the thread has that request too.
  await load(engine, 'beside');
  return { outcome };
}

describe('LlamaEngine', () => {
  it('gives one model to all who ask for the same, until it is disposed', async () => {
    await using bundle = await standInBundle(loads);
    const engine = createLlamaEngine({ bundleFolder: bundle.path, trials: commandLineTrials(bundle.path) });
    const [first, second] = await Promise.all([load(engine, 'a'), load(engine, 'a')]);
    expect(second).toBe(first);
    expect(await load(engine, 'b')).not.toBe(first);
    await first.dispose();
    const third = await load(engine, 'a');
    expect(third).not.toBe(first);
    // Disposing what is disposed must not make the engine forget its successor.
    await first.dispose();
    expect(await load(engine, 'a')).toBe(third);
    await engine.dispose();
  });

  it('refuses who waits for a sequence of a model that is disposed', async () => {
    await using bundle = await standInBundle(loads);
    const engine = createLlamaEngine({ bundleFolder: bundle.path, trials: commandLineTrials(bundle.path) });
    const model = await load(engine, 'a');
    await model.openSequence({ priority: 'interactive' }, unhurried);
    const waiting = model.openSequence({ priority: 'interactive' }, unhurried);
    const isRefused = expect(waiting).rejects.toMatchObject({ code: 'engine.failed' });
    await model.dispose();
    await isRefused;
    await engine.dispose();
  });

  it('cancels a load at once, even while it looks for the file, and can load again', async () => {
    await using bundle = await standInBundle(loads);
    const engine = createLlamaEngine({ bundleFolder: bundle.path, trials: commandLineTrials(bundle.path) });
    const controller = new AbortController();
    const early = load(engine, 'a', controller.signal);
    controller.abort();
    await expect(early).rejects.toMatchObject({ code: 'cancelled' });
    expect((await load(engine, 'a')).info.local?.path).toBe('/nowhere/a');
    await engine.dispose();
  });

  it('starts another thread for the next load once its thread has died, and says so', async () => {
    await using bundle = await standInBundle(loads);
    const engine = createLlamaEngine({ bundleFolder: bundle.path, trials: commandLineTrials(bundle.path) });
    const codes: string[] = [];
    engine.onFailed(({ code }) => codes.push(code));
    const lost = await load(engine, 'a');
    const endless = await endlessLoad(engine);
    await expect(lost.tokenize('x', { special: false })).rejects.toMatchObject({ code: 'engine.failed' });
    expect(await endless.outcome).toMatchObject({ code: 'engine.failed' });
    expect(codes).toEqual(['engine.failed']);
    const found = await load(engine, 'a');
    expect(found).not.toBe(lost);
    // The lost model neither lives on nor takes its successor with it.
    await expect(lost.detokenize([])).rejects.toMatchObject({ code: 'engine.failed' });
    await lost.dispose();
    expect(await load(engine, 'a')).toBe(found);
    await engine.dispose();
    expect(codes).toEqual(['engine.failed']);
  });

  it('refuses a model of a server', async () => {
    await using bundle = await standInBundle(loads);
    const engine = createLlamaEngine({ bundleFolder: bundle.path, trials: commandLineTrials(bundle.path) });
    const server = {
      kind: 'server',
      address: 'http://127.0.0.1:1',
      modelName: null,
      protocol: 'auto',
      key: null,
    } as const;
    await expect(engine.open(server, options, unhurried)).rejects.toMatchObject({
      code: 'source.unsupported',
    });
    await engine.dispose();
  });

  it('lets nothing load once it is disposed, and ends what loads', async () => {
    await using bundle = await standInBundle(loads);
    const engine = createLlamaEngine({ bundleFolder: bundle.path, trials: commandLineTrials(bundle.path) });
    const endless = await endlessLoad(engine);
    // Asked before the end, and its file found behind it.
    const late = expect(load(engine, 'a')).rejects.toMatchObject({ code: 'engine.failed' });
    await engine.dispose();
    await late;
    expect(await endless.outcome).toMatchObject({ code: 'engine.failed' });
    await expect(load(engine, 'a')).rejects.toMatchObject({ code: 'engine.failed' });
    await engine.dispose();
  });
});
