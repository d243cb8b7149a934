import type { Engine, Model, TokenId } from '../../../sidecar/engine/engine.ts';
import type { ServerSource } from '../../../sidecar/engine/engineSource.ts';
import { createRemoteEngine } from '../../../sidecar/engine/remote/remoteEngine.ts';
import { leastAlternatives } from '../../../sidecar/engine/remote/textServer.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { greedyRequest } from '../../prune/greedyText.ts';
import { type ServedText, TokenWatch } from './servedText.ts';

/** A server's model, opened as the product opens it. Its caller disposes the engine. */
export async function openServed(
  origin: string,
  maxSequences: number,
  signal: AbortSignal,
): Promise<{ readonly engine: Engine; readonly model: Model }> {
  const engine = createRemoteEngine({ now: () => systemClock.now(), log: () => undefined });
  try {
    const source: ServerSource = {
      kind: 'server',
      address: origin,
      modelName: null,
      protocol: 'auto',
      key: null,
    };
    const options = { contextTokens: 0, maxSequences, threads: 0, speculation: 'off' } as const;
    return { engine, model: await engine.open(source, options, signal) };
  } catch (thrown) {
    await engine.dispose();
    throw thrown;
  }
}

/** Has a model write greedily, with the alternatives that the product asks for. Opening the sequence counts. */
export async function askEngine(
  model: Model,
  { prompt, tokens }: { readonly prompt: readonly TokenId[]; readonly tokens: number },
  signal: AbortSignal,
): Promise<ServedText> {
  const watch = new TokenWatch();
  const sequence = await model.openSequence({ priority: 'background' }, signal);
  try {
    await sequence.append(prompt, signal);
    const request = { ...greedyRequest(tokens), alternatives: leastAlternatives };
    for await (const steps of sequence.generate(request, signal)) watch.see(steps.length);
    return watch.end();
  } finally {
    await sequence.dispose();
  }
}
