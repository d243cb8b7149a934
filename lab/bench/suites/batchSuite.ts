import { llamaBatchedBench } from '../baselines/llamaBatchedBench.ts';
import { LlamaServer } from '../baselines/llamaServer.ts';
import { candidatesSpeed, engineSpeed, serverSpeed } from '../batchRun.ts';
import type { Figure } from '../figure.ts';
import { countingPrompts, countingText } from '../prompts.ts';
import { measureFigure, notCompared, type Suite, type SuiteContext, withModel } from './suite.ts';

const tokensEach = 64;
const candidateCounts = [4, 8, 16] as const;
const requestCount = 16;
const requestTokens = 128;
const requestsAtOnce = 8;
/** llama-server divides it among its slots. */
const requestContextTokens = 4096;

/** Candidates that share a prompt against llama-batched-bench, and requests that share nothing against llama-server. */
export const batchSuite: Suite = {
  name: 'batch',
  summary: 'Tokens per second of several texts together, against llama-batched-bench and llama-server',
  parts: ['candidates', 'requests'],
  rounds: 5,
  minutesPerRound: 1.6,
  usesTools: true,
  run: async (context) => {
    const { tools, includes } = context;
    const parts = [
      ...(includes('candidates') ? [await candidates(context)] : []),
      ...(includes('requests') ? [await requests(context)] : []),
    ];
    return {
      figures: parts.flatMap(({ figures }) => figures),
      setup: {},
      notes: [
        ...parts.flatMap(({ notes }) => notes),
        ...(['llama-batched-bench', 'llama-server'] as const)
          .filter((tool) => tools[tool] === null)
          .map(notCompared),
      ],
      backend: parts[0]?.backend ?? '',
    };
  },
};

interface Part {
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
  readonly backend: string;
}

const candidates = (context: SuiteContext): Promise<Part> =>
  withModel(context, {}, async (model) => {
    const { modelPath, threads, tools, signal } = context;
    const prompt = await model.tokenize(countingText, { special: false });
    const toolPath = tools['llama-batched-bench'];
    const speedOf = (count: number) => (): Promise<number> =>
      candidatesSpeed(model, { prompt, count, tokensEach }, signal);
    const figures: Figure[] = [];
    for (const count of candidateCounts) {
      const name = `${count} candidates of ${tokensEach} tokens`;
      const common = { name, unit: 'tok/s', subjectName: `${count} together` } as const;
      if (toolPath !== null) {
        const test = { modelPath, threads, promptTokens: prompt.length, sequences: count, tokensEach };
        figures.push(
          await measureFigure(
            context,
            { ...common, baselineName: `llama-batched-bench ${count}` },
            { subject: speedOf(count), baseline: () => llamaBatchedBench(toolPath, test, signal) },
          ),
        );
      }
      if (count === candidateCounts.at(-1)) {
        figures.push(
          await measureFigure(
            context,
            { ...common, baselineName: '1 alone' },
            { subject: speedOf(count), baseline: speedOf(1) },
          ),
        );
      }
    }
    return {
      figures,
      notes: [
        `Candidates: sampled at temperature 0.8 after a prompt of ${prompt.length} tokens, with exact statistics and five alternatives of every token. A run in which one of them ends its text before ${tokensEach} tokens is thrown away and taken again with other seeds, so all are alive to the end.`,
        'llama-batched-bench shares the prompt as the engine does, and feeds random tokens: it neither samples nor measures entropy.',
      ],
      backend: model.info.backend,
    };
  });

const requests = (context: SuiteContext): Promise<Part> =>
  withModel(context, { contextTokens: requestContextTokens, maxSequences: requestsAtOnce }, async (model) => {
    const { modelPath, threads, tools, signal } = context;
    const toolPath = tools['llama-server'];
    const { backend } = model.info;
    if (toolPath === null) return { figures: [], notes: [], backend };
    const options = { modelPath, threads, contextTokens: requestContextTokens, slots: requestsAtOnce };
    const server = await LlamaServer.start(toolPath, options, signal);
    const ask = { tokens: requestTokens };
    let variant = 0;
    const freshPrompts = (): ReturnType<typeof countingPrompts> => {
      variant += 1;
      return countingPrompts(model, requestCount, variant);
    };
    try {
      const figure = await measureFigure(
        context,
        {
          name: `${requestCount} requests of ${requestTokens} tokens, ${requestsAtOnce} at once`,
          unit: 'tok/s',
          subjectName: 'engine',
          baselineName: `llama-server -np ${requestsAtOnce}`,
        },
        {
          subject: async () => engineSpeed(model, { ...ask, prompts: await freshPrompts() }, signal),
          baseline: async () => serverSpeed(server, { ...ask, prompts: await freshPrompts() }, signal),
        },
      );
      return { figures: [figure], notes: [requestsNote], backend };
    } finally {
      await server.stop();
    }
  });

const requestsNote =
  'Requests: different short prompts that no cache holds, all handed over at once, greedy, counted from the first call to the last end; the engine’s with exact statistics and five alternatives, llama-server’s without.';
