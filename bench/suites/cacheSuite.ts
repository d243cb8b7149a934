import type { Model } from '../../sidecar/engine/engine.ts';
import { LlamaServer } from '../baselines/llamaServer.ts';
import { timeToFirstToken } from '../decodeRun.ts';
import type { Figure } from '../figure.ts';
import { coldPrompt } from '../prompts.ts';
import {
  benchContextTokens,
  measureFigure,
  notCompared,
  withModel,
  type Suite,
  type SuiteContext,
} from './suite.ts';

const promptLengths = [500, 1000] as const;

/** Time to the first token of a prompt that was seen just before and of one that was not, against llama-server's. */
export const cacheSuite: Suite = {
  name: 'cache',
  summary: 'Time to first token with the prompt cached and cold, against llama-server',
  parts: [],
  rounds: 5,
  minutesPerRound: 1,
  run: (context) =>
    withModel(context, {}, async (model) => {
      const toolPath = context.tools['llama-server'];
      const server = toolPath === null ? null : await startServer(toolPath, context);
      try {
        const sides = firstTokenSides(model, server, context.signal);
        const figures: Figure[] = [];
        for (const length of promptLengths) {
          for (const { subjectName, baselineName, subject, baseline } of comparisons(sides, length)) {
            const name = `time to first token, ${length}-token prompt`;
            const figure = { name, unit: 'ms', subjectName, baselineName } as const;
            figures.push(await measureFigure(context, figure, { subject, baseline }));
          }
        }
        const notes = server === null ? [notCompared('llama-server')] : [];
        return { figures, setup: {}, notes, backend: model.info.backend };
      } finally {
        await server?.stop();
      }
    }),
};

function startServer(toolPath: string, { modelPath, threads, signal }: SuiteContext): Promise<LlamaServer> {
  const options = { modelPath, threads, contextTokens: benchContextTokens, slots: 1 };
  return LlamaServer.start(toolPath, options, signal);
}

/** One side of a comparison, with the prompt cold or cached. Takes its time in milliseconds. */
interface Side {
  readonly name: string;
  readonly cold: (length: number) => Promise<number>;
  readonly cached: (length: number) => Promise<number>;
}

interface Sides {
  readonly engine: Side;
  readonly server: Side | null;
}

function firstTokenSides(model: Model, server: LlamaServer | null, signal: AbortSignal): Sides {
  let variant = 0;
  const sideOf = (name: string, measure: (prompt: readonly number[]) => Promise<number>): Side => {
    const freshPrompt = (length: number): Promise<readonly number[]> => {
      variant += 1;
      return coldPrompt(model, length, variant);
    };
    return {
      name,
      cold: async (length) => measure(await freshPrompt(length)),
      cached: async (length) => {
        const prompt = await freshPrompt(length);
        await measure(prompt);
        return measure(prompt);
      },
    };
  };
  return {
    engine: sideOf('engine', (prompt) => timeToFirstToken(model, prompt, signal)),
    server:
      server === null ? null : sideOf('llama-server', (prompt) => server.timeToFirstToken(prompt, signal)),
  };
}

interface Comparison {
  readonly subjectName: string;
  readonly baselineName: string;
  readonly subject: () => Promise<number>;
  readonly baseline: () => Promise<number>;
}

function comparisons({ engine, server }: Sides, length: number): readonly Comparison[] {
  const cold = (side: Side) => (): Promise<number> => side.cold(length);
  const cached = (side: Side) => (): Promise<number> => side.cached(length);
  return [
    { subjectName: 'cached', baselineName: 'cold', subject: cached(engine), baseline: cold(engine) },
    ...(server === null
      ? []
      : [
          {
            subjectName: 'engine, cold',
            baselineName: `${server.name}, cold`,
            subject: cold(engine),
            baseline: cold(server),
          },
          {
            subjectName: 'engine, cached',
            baselineName: `${server.name}, cached`,
            subject: cached(engine),
            baseline: cached(server),
          },
        ]),
  ];
}
