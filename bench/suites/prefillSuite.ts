import { llamaBench } from '../baselines/llamaBench.ts';
import { timeToFirstToken } from '../decodeRun.ts';
import { measurePairs } from '../figure.ts';
import { coldPrompt } from '../prompts.ts';
import { notCompared, withModel, type Suite } from './suite.ts';

const tokens = 512;

/** A prompt that nothing is cached of, against llama-bench's pp512. Ours goes on to the first token, statistics included. */
export const prefillSuite: Suite = {
  name: 'prefill',
  summary: 'Prompt tokens per second, against llama-bench',
  run: (context) =>
    withModel(context, {}, async (model) => {
      const { threads, modelPath, rounds, tools, signal } = context;
      const { backend } = model.info;
      const toolPath = tools['llama-bench'];
      if (toolPath === null) return { figures: [], setup: {}, notes: [notCompared('llama-bench')], backend };
      let variant = 0;
      const test = { modelPath, threads, measure: { type: 'prefill', tokens } } as const;
      const pairs = await measurePairs(rounds, {
        subject: async () => {
          variant += 1;
          const prompt = await coldPrompt(model, tokens, variant);
          return (1000 * tokens) / (await timeToFirstToken(model, prompt, signal));
        },
        baseline: () => llamaBench(toolPath, test, signal),
      });
      const name = `prefill ${tokens} tokens`;
      const baselineName = `llama-bench pp${tokens}`;
      return {
        figures: [{ type: 'paired', name, unit: 'tok/s', subjectName: 'engine', baselineName, pairs }],
        setup: {},
        notes: [
          'The engine’s time runs until its first token is with the caller, sampling and statistics included.',
        ],
        backend,
      };
    }),
};
