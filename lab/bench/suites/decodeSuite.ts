import { systemClock } from '../../../sidecar/process/clock.ts';
import { measureTokenCost } from '../../observe/tokenCost.ts';
import { llamaBench } from '../baselines/llamaBench.ts';
import { decodeOn, greedy, requireLength, withPrompt } from '../decodeRun.ts';
import type { Figure, PairedFigure } from '../figure.ts';
import { countingText } from '../prompts.ts';
import type { Model } from '../../../sidecar/engine/engine.ts';
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
      const speed = await engineSpeed(context, model);
      const figures = [
        ...(await speedFigures(context, speed)),
        ...(await alternativesFigures(context, speed)),
      ];
      return { figures, backend: model.info.backend };
    });
    const cost = context.includes('statistics') ? [await statisticsCost(context)] : [];
    return {
      figures: [...measured.figures, ...cost],
      setup: {},
      notes: [
        context.tools['llama-bench'] === null
          ? notCompared('llama-bench')
          : 'llama-bench computes with the same kernels, and neither samples nor measures entropy; the engine decodes after a short prompt.',
        'The cost of statistics is taken around the two halves of a token in a bare loop on this thread: the call of llama_decode, and copying its row of logits and analysing all of it.',
      ],
      backend: measured.backend,
    };
  },
};

/** Measures tokens per second of one sequence, with so many alternatives reported of each. */
type EngineSpeed = (alternatives: number) => () => Promise<number>;

async function engineSpeed({ signal }: SuiteContext, model: Model): Promise<EngineSpeed> {
  const prompt = await model.tokenize(countingText, { special: false });
  return (alternatives) => () =>
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
}

async function speedFigures(context: SuiteContext, speed: EngineSpeed): Promise<readonly Figure[]> {
  const { modelPath, threads, tools, signal } = context;
  const toolPath = tools['llama-bench'];
  if (toolPath === null || !context.includes('speed')) return [];
  const test = { modelPath, threads, measure: { type: 'decode', tokens } } as const;
  const description = {
    name: `decode ${tokens} tokens with exact statistics`,
    unit: 'tok/s' as const,
    subjectName: 'engine',
    baselineName: `llama-bench tg${tokens}`,
  };
  const baseline = (): Promise<number> => llamaBench(toolPath, test, signal);
  return [await measureFigure(context, description, { subject: speed(5), baseline })];
}

async function alternativesFigures(context: SuiteContext, speed: EngineSpeed): Promise<readonly Figure[]> {
  if (!context.includes('alternatives')) return [];
  const description = {
    name: 'five alternatives with every token',
    unit: 'tok/s' as const,
    subjectName: 'with',
    baselineName: 'without',
  };
  return [await measureFigure(context, description, { subject: speed(5), baseline: speed(0) })];
}

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
