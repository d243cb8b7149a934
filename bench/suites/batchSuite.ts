import type { SamplerSettings } from '../../protocol/traceEvent.ts';
import type { Model } from '../../sidecar/engine/engine.ts';
import { llamaBatchedBench } from '../baselines/llamaBatchedBench.ts';
import { decodeOn, withPrompt } from '../decodeRun.ts';
import { measurePairs, type Figure } from '../figure.ts';
import { chatTokens, storyQuestion } from '../prompts.ts';
import { notCompared, withModel, type Suite } from './suite.ts';

const tokensEach = 64;
const candidateCounts = [4, 8, 16] as const;
const sampler: SamplerSettings = { temperature: 0.8, topK: 0, topP: 1, minP: 0.05 };

/** Candidates that share a prompt and are decoded together, against one alone and against llama-batched-bench. */
export const batchSuite: Suite = {
  name: 'batch',
  summary: 'Tokens per second of several candidates together, against one and against llama-batched-bench',
  run: (context) =>
    withModel(context, {}, async (model) => {
      const { modelPath, threads, rounds, tools, signal } = context;
      const prompt = await chatTokens(model, storyQuestion);
      const toolPath = tools['llama-batched-bench'];
      const speedOf = (count: number) => (): Promise<number> => aggregateSpeed(model, prompt, count, signal);
      const figures: Figure[] = [];
      for (const count of candidateCounts) {
        const common = {
          type: 'paired',
          name: `${count} candidates of ${tokensEach} tokens`,
          unit: 'tok/s',
          subjectName: `${count} together`,
        } as const;
        figures.push({
          ...common,
          baselineName: '1 alone',
          pairs: await measurePairs(rounds, { subject: speedOf(count), baseline: speedOf(1) }),
        });
        if (toolPath === null) continue;
        const test = { modelPath, threads, promptTokens: prompt.length, sequences: count, tokensEach };
        figures.push({
          ...common,
          baselineName: `llama-batched-bench ${count}`,
          pairs: await measurePairs(rounds, {
            subject: speedOf(count),
            baseline: () => llamaBatchedBench(toolPath, test, signal),
          }),
        });
      }
      return {
        figures,
        setup: { 'prompt tokens': prompt.length },
        notes: [
          'Sampled at temperature 0.8, exact statistics and five alternatives of every token.',
          toolPath === null
            ? notCompared('llama-batched-bench')
            : 'llama-batched-bench shares the prompt as the engine does, and feeds random tokens: it neither samples nor measures entropy.',
        ],
        backend: model.info.backend,
      };
    }),
};

/** Tokens of all candidates over the time from the first call to the last end. */
async function aggregateSpeed(
  model: Model,
  prompt: readonly number[],
  count: number,
  signal: AbortSignal,
): Promise<number> {
  return withPrompt(
    model,
    prompt,
    async (sequence) => {
      const candidates = await sequence.fork(count, signal);
      try {
        const startMs = performance.now();
        const runs = await Promise.all(
          candidates.map((candidate, index) =>
            decodeOn(candidate, { tokens: tokensEach, sampler, seed: index + 1, alternatives: 5 }, signal),
          ),
        );
        const tokens = runs.reduce((sum, run) => sum + run.ids.length, 0);
        return (1000 * tokens) / (performance.now() - startMs);
      } finally {
        await Promise.all(candidates.map((candidate) => candidate.dispose()));
      }
    },
    signal,
  );
}
