import type { Model } from '../../../sidecar/engine/engine.ts';
import { LlamaServer } from '../baselines/llamaServer.ts';
import { timeToFirstToken } from '../decodeRun.ts';
import type { Figure } from '../figure.ts';
import { coldPrompt } from '../prompts.ts';
import {
  benchContextTokens,
  measureFigure,
  notCompared,
  type Suite,
  type SuiteContext,
  withModel,
} from './suite.ts';

const promptLengths = [500, 1000] as const;

/** A context with room for one long prompt, so that each takes all but a few cells of the one before. */
const tightContextTokens = 1024;
/** Host memory for what had to go: enough for all prompts of a run. */
const hostBytes = 2 ** 30;

/**
 * Time to the first token of a prompt that was seen just before, of one that had to give up its cells since, and of one
 * that was not seen, the first and the last also against llama-server's.
 */
export const cacheSuite: Suite = {
  name: 'cache',
  summary: 'Time to first token with the prompt cached, restored and cold, against llama-server',
  parts: ['cached', 'restored'],
  rounds: 5,
  minutesPerRound: 1.5,
  usesTools: true,
  run: async (context) => {
    const restored = context.includes('restored') ? [await restoredFigure(context)] : [];
    const cached = context.includes('cached') ? await cachedFigures(context) : [];
    return {
      figures: [...cached, ...restored],
      setup: {},
      notes: context.tools['llama-server'] === null ? [notCompared('llama-server')] : [],
      backend: await withModel(context, {}, (model) => Promise.resolve(model.info.backend)),
    };
  },
};

/** A prompt seen just before against one never seen, and both against llama-server's. */
function cachedFigures(context: SuiteContext): Promise<readonly Figure[]> {
  return withModel(context, {}, async (model) => {
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
      return figures;
    } finally {
      await server?.stop();
    }
  });
}

/** A prompt brought back from host memory against one that was never seen, both beside a full context. */
function restoredFigure(context: SuiteContext): Promise<Figure> {
  const length = 1000;
  const options = { contextTokens: tightContextTokens, prefixBytes: hostBytes };
  return withModel(context, options, async (model) => {
    const { signal } = context;
    let variant = 0;
    const fresh = (): Promise<readonly number[]> => {
      variant += 1;
      return coldPrompt(model, length, 10_000 + variant);
    };
    const cold = async (): Promise<number> => timeToFirstToken(model, await fresh(), signal);
    const name = `time to first token, ${length}-token prompt`;
    const names = { subjectName: 'restored from host memory', baselineName: 'cold' };
    return measureFigure(
      context,
      { name, unit: 'ms', ...names },
      {
        subject: async () => {
          const prompt = await fresh();
          await timeToFirstToken(model, prompt, signal);
          await cold();
          return timeToFirstToken(model, prompt, signal);
        },
        baseline: cold,
      },
    );
  });
}

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
