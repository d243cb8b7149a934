import type { Model } from '../../sidecar/engine/engine.ts';
import { decodeOn, greedy } from '../decodeRun.ts';
import { measurePairs, type Figure } from '../figure.ts';
import { coldPrompt } from '../prompts.ts';
import { loadForBench, type Suite } from './suite.ts';

const promptLengths = [500, 1000] as const;

/** Time to the first token of a prompt that was seen just before, against one that was not. */
export const cacheSuite: Suite = {
  name: 'cache',
  summary: 'Time to first token with the prompt cached, against cold',
  run: async (context) => {
    const { rounds, signal } = context;
    const model = await loadForBench(context);
    const figures: Figure[] = [];
    let variant = 0;
    for (const length of promptLengths) {
      const cold = async (): Promise<number> => {
        variant += 1;
        return timeToFirstToken(model, await coldPrompt(model, length, variant), signal);
      };
      const cached = async (): Promise<number> => {
        await cold();
        return timeToFirstToken(model, await coldPrompt(model, length, variant), signal);
      };
      figures.push({
        name: `time to first token, ${length}-token prompt`,
        unit: 'ms',
        subjectName: 'cached',
        baselineName: 'cold',
        pairs: await measurePairs(rounds, { subject: cached, baseline: cold }),
      });
    }
    return { figures, setup: {}, notes: [], backend: model.info.backend };
  },
};

async function timeToFirstToken(
  model: Model,
  prompt: readonly number[],
  signal: AbortSignal,
): Promise<number> {
  const startMs = performance.now();
  const sequence = await model.openSequence({ priority: 'interactive' }, signal);
  try {
    await sequence.append(prompt, signal);
    await decodeOn(sequence, { tokens: 1, sampler: greedy, seed: 1, alternatives: 5 }, signal);
    return performance.now() - startMs;
  } finally {
    await sequence.dispose();
  }
}
