import { llamaBench } from '../baselines/llamaBench.ts';
import { timeToFirstToken } from '../decodeRun.ts';
import { coldPrompt } from '../prompts.ts';
import { measureFigure, notCompared, withModel, type Suite } from './suite.ts';

const tokens = 512;

/** A prompt that nothing is cached of, against llama-bench's pp512. Ours goes on to the first token, statistics included. */
export const prefillSuite: Suite = {
  name: 'prefill',
  summary: 'Prompt tokens per second, against llama-bench',
  parts: [],
  rounds: 7,
  minutesPerRound: 0.15,
  run: (context) =>
    withModel(context, {}, async (model) => {
      const { threads, modelPath, tools, signal } = context;
      const { backend } = model.info;
      const toolPath = tools['llama-bench'];
      if (toolPath === null) return { figures: [], setup: {}, notes: [notCompared('llama-bench')], backend };
      let variant = 0;
      const test = { modelPath, threads, measure: { type: 'prefill', tokens } } as const;
      const figure = await measureFigure(
        context,
        {
          name: `prefill ${tokens} tokens`,
          unit: 'tok/s',
          subjectName: 'engine',
          baselineName: `llama-bench pp${tokens}`,
        },
        {
          subject: async () => {
            variant += 1;
            const prompt = await coldPrompt(model, tokens, variant);
            return (1000 * tokens) / (await timeToFirstToken(model, prompt, signal));
          },
          baseline: () => llamaBench(toolPath, test, signal),
        },
      );
      return {
        figures: [figure],
        setup: {},
        notes: [
          'The engine’s time runs until its first token is with the caller, sampling and statistics included.',
        ],
        backend,
      };
    }),
};
