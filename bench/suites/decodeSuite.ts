import { llamaBench } from '../baselines/llamaBench.ts';
import { decodeOn, greedy, requireLength, withPrompt } from '../decodeRun.ts';
import { measurePairs, type Figure } from '../figure.ts';
import { countingText } from '../prompts.ts';
import { notCompared, withModel, type Suite } from './suite.ts';

const tokens = 128;

/** One sequence against llama-bench's tg128. Ours includes sampling, exact statistics and the way to the caller. */
export const decodeSuite: Suite = {
  name: 'decode',
  summary: 'Tokens per second of one sequence, against llama-bench',
  run: (context) =>
    withModel(context, {}, async (model) => {
      const { threads, modelPath, rounds, tools, signal } = context;
      const prompt = await model.tokenize(countingText, { special: false });
      const ours = (alternatives: number) => async (): Promise<number> =>
        withPrompt(
          model,
          prompt,
          async (sequence) => {
            const run = await decodeOn(sequence, { tokens, sampler: greedy, seed: 1, alternatives }, signal);
            requireLength(run, tokens);
            return (1000 * tokens) / run.durationMs;
          },
          signal,
        );
      const figures: Figure[] = [];
      const toolPath = tools['llama-bench'];
      if (toolPath !== null) {
        const test = { modelPath, threads, measure: { type: 'decode', tokens } } as const;
        figures.push({
          type: 'paired',
          name: `decode ${tokens} tokens with exact statistics`,
          unit: 'tok/s',
          subjectName: 'engine',
          baselineName: `llama-bench tg${tokens}`,
          pairs: await measurePairs(rounds, {
            subject: ours(5),
            baseline: () => llamaBench(toolPath, test, signal),
          }),
        });
      }
      figures.push({
        type: 'paired',
        name: 'five alternatives with every token',
        unit: 'tok/s',
        subjectName: 'with',
        baselineName: 'without',
        pairs: await measurePairs(rounds, { subject: ours(5), baseline: ours(0) }),
      });
      return {
        figures,
        setup: {},
        notes: [
          toolPath === null
            ? notCompared('llama-bench')
            : 'llama-bench computes with the same kernels, and neither samples nor measures entropy; the engine decodes behind a prompt of a few tokens.',
        ],
        backend: model.info.backend,
      };
    }),
};
