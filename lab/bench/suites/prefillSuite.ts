import { llamaBench } from '../baselines/llamaBench.ts';
import { timeToFirstToken } from '../decodeRun.ts';
import type { Figure } from '../figure.ts';
import { coldPrompt } from '../prompts.ts';
import { measureFigure, notCompared, type Suite, withModel } from './suite.ts';

const tokens = 512;
/** Who asks decides how long the calls are: the prompt of a completion, which the next key may cancel, begins with short ones. */
const askers = [
  { name: `prefill ${tokens} tokens`, priority: 'background' },
  { name: `prefill ${tokens} tokens of a completion`, priority: 'interactive' },
] as const;

/** A prompt that nothing is cached of, against llama-bench's pp512. Ours goes on to the first token, statistics included. */
export const prefillSuite: Suite = {
  name: 'prefill',
  summary: 'Prompt tokens per second, against llama-bench',
  parts: [],
  rounds: 7,
  minutesPerRound: 0.3,
  usesTools: true,
  run: (context) =>
    withModel(context, {}, async (model) => {
      const { threads, modelPath, tools, signal } = context;
      const { backend } = model.info;
      const toolPath = tools['llama-bench'];
      if (toolPath === null) return { figures: [], setup: {}, notes: [notCompared('llama-bench')], backend };
      let variant = 0;
      const test = { modelPath, threads, measure: { type: 'prefill', tokens } } as const;
      const figures: Figure[] = [];
      for (const { name, priority } of askers) {
        const figure = await measureFigure(
          context,
          { name, unit: 'tok/s', subjectName: 'engine', baselineName: `llama-bench pp${tokens}` },
          {
            subject: async () => {
              variant += 1;
              const prompt = await coldPrompt(model, tokens, variant);
              return (1000 * tokens) / (await timeToFirstToken(model, prompt, signal, priority));
            },
            baseline: () => llamaBench(toolPath, test, signal),
          },
        );
        figures.push(figure);
      }
      return {
        figures,
        setup: {},
        notes: [
          'The engine’s time runs until its first token is with the caller, sampling and statistics included.',
          'A completion’s prompt is decoded in calls that grow: what the next key cancels is at most as much as is kept.',
        ],
        backend,
      };
    }),
};
