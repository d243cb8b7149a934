import { systemClock } from '../../../sidecar/process/clock.ts';
import { measureTokenCost } from '../../observe/tokenCost.ts';
import { llamaBench } from '../baselines/llamaBench.ts';
import { decodeOn, greedy, requireLength, withPrompt } from '../decodeRun.ts';
import type { Figure, PairedFigure } from '../figure.ts';
import { countingText } from '../prompts.ts';
import { measureFigure, notCompared, type Suite, type SuiteContext, withModel } from './suite.ts';

const tokens = 128;

/** One sequence against llama-bench's tg128. Ours includes sampling, exact statistics and the way to the caller. */
export const decodeSuite: Suite = {
  name: 'decode',
  summary: 'Tokens per second of one sequence, against llama-bench',
  parts: ['speed', 'alternatives', 'statistics'],
  rounds: 7,
  minutesPerRound: 0.4,
  usesTools: true,
  run: async (context) => {
    const measured = await withModel(context, {}, async (model) => {
      const { threads, modelPath, tools, signal } = context;
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
      if (toolPath !== null && context.includes('speed')) {
        const test = { modelPath, threads, measure: { type: 'decode', tokens } } as const;
        figures.push(
          await measureFigure(
            context,
            {
              name: `decode ${tokens} tokens with exact statistics`,
              unit: 'tok/s',
              subjectName: 'engine',
              baselineName: `llama-bench tg${tokens}`,
            },
            { subject: ours(5), baseline: () => llamaBench(toolPath, test, signal) },
          ),
        );
      }
      if (context.includes('alternatives')) {
        figures.push(
          await measureFigure(
            context,
            {
              name: 'five alternatives with every token',
              unit: 'tok/s',
              subjectName: 'with',
              baselineName: 'without',
            },
            { subject: ours(5), baseline: ours(0) },
          ),
        );
      }
      return { figures, backend: model.info.backend };
    });
    const cost = context.includes('statistics') ? [await statisticsCost(context)] : [];
    return {
      figures: [...measured.figures, ...cost],
      setup: {},
      notes: [
        context.tools['llama-bench'] === null
          ? notCompared('llama-bench')
          : 'llama-bench computes with the same kernels, and neither samples nor measures entropy; the engine decodes after a prompt of a few tokens.',
        'The cost of statistics is taken around the two halves of a token in a bare loop on this thread: the call of llama_decode, and copying its row of logits and analysing all of it.',
      ],
      backend: measured.backend,
    };
  },
};

/** What copying and analysing a row costs beside decoding it, each pair the medians of one run of 128 tokens. */
async function statisticsCost(context: SuiteContext): Promise<PairedFigure> {
  const { modelPath, threads, rounds, bundleFolder, trials, signal } = context;
  await trials.admit({ path: modelPath, adapterPath: null }, signal);
  const options = { modelPath, threads, bundleFolder, tokens, runs: rounds, clock: systemClock };
  const runs = measureTokenCost(options, signal);
  return {
    type: 'paired',
    name: 'exact statistics of one token',
    unit: 'ms',
    subjectName: 'statistics',
    baselineName: 'llama_decode',
    pairs: runs.map(({ statisticsMs, decodeMs }) => ({ subject: statisticsMs, baseline: decodeMs })),
  };
}
