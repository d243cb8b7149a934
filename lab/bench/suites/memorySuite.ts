import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SidecarClient } from '../../../sidecar/cli/sidecarClient.ts';
import { LlamaServer } from '../baselines/llamaServer.ts';
import { bothModelsPart } from '../bothModelsPart.ts';
import type { Figure, Pair, PairedFigure } from '../figure.ts';
import { processMemory, type ProcessMemory } from '../processMemory.ts';
import { storyQuestion } from '../prompts.ts';
import {
  benchContextTokens,
  notCompared,
  type Suite,
  type SuiteContext,
  type SuiteResult,
  withModel,
} from './suite.ts';

/** Slots of llama-server; the sidecar's requests share one cache and cost nothing until they come. */
const slots = 8;
const tokens = 64;

/** Resident memory of the whole sidecar process after a request, against llama-server's after the same one. */
export const memorySuite: Suite = {
  name: 'memory',
  summary: 'Resident memory of the sidecar with a model loaded and a request served, against llama-server',
  parts: ['server', 'bothModels'],
  partsByName: ['bothModels'],
  rounds: 3,
  minutesPerRound: 0.2,
  usesTools: true,
  run: async (context) => {
    // First: it counts what a process that has loaded nothing takes more.
    const both = context.includes('bothModels') ? await bothModelsPart(context) : null;
    const alone = context.includes('server') ? await againstServer(context) : null;
    const backend =
      alone?.backend ?? (await withModel(context, {}, ({ info }) => Promise.resolve(info.backend)));
    return {
      figures: [...(both?.figures ?? []), ...(alone?.figures ?? [])],
      setup: alone?.setup ?? { context: benchContextTokens },
      notes: [...(both?.notes ?? []), ...(alone?.notes ?? [])],
      backend,
    };
  },
};

async function againstServer(context: SuiteContext): Promise<SuiteResult> {
  const toolPath = context.tools['llama-server'];
  const { prompt, backend } = await withModel(context, {}, async (model) => ({
    prompt: await model.tokenize(storyQuestion, { special: false }),
    backend: model.info.backend,
  }));
  const setup = { context: benchContextTokens, slots };
  if (toolPath === null) return { figures: [], setup, notes: [notCompared('llama-server')], backend };
  const pairs: (readonly [ProcessMemory, ProcessMemory])[] = [];
  for (let round = 0; round < context.rounds; round++) {
    const sidecar = await sidecarMemory(context);
    const server = await serverMemory(toolPath, prompt, context);
    pairs.push([sidecar, server]);
    context.note(`  sidecar ${total(sidecar).toFixed(0)} MB, llama-server ${total(server).toFixed(0)} MB`);
  }
  return {
    figures: memoryFigures(pairs),
    setup,
    notes: [
      'Resident pages of one process each, a fresh one for every pair: its own (anonymous) and those of mapped files, the weights among them.',
      'The sidecar is the product’s, on default settings but for context and threads: JavaScript runtime, statistics, traces and drafts included.',
    ],
    backend,
  };
}

function memoryFigures(pairs: readonly (readonly [ProcessMemory, ProcessMemory])[]): readonly Figure[] {
  const figure = (name: string, of: (memory: ProcessMemory) => number): PairedFigure => ({
    type: 'paired',
    name,
    unit: 'MB',
    subjectName: 'sidecar',
    baselineName: 'llama-server',
    pairs: pairs.map(([sidecar, server]): Pair => ({ subject: of(sidecar), baseline: of(server) })),
  });
  return [
    figure('resident memory', total),
    figure('of it the process’s own', ({ anonymousMb }) => anonymousMb),
    figure('of it mapped files', ({ fileMb }) => fileMb),
    {
      type: 'sampled',
      name: 'sidecar beyond llama-server',
      unit: 'MB',
      samples: pairs.map(([sidecar, server]) => total(sidecar) - total(server)),
    },
  ];
}

function total({ anonymousMb, fileMb }: ProcessMemory): number {
  return anonymousMb + fileMb;
}

async function sidecarMemory(context: SuiteContext): Promise<ProcessMemory> {
  const { modelPath, threads, bundleFolder, signal } = context;
  // Its traces go with the folder; the model is named by its path.
  const storePath = await mkdtemp(join(tmpdir(), 'entropane-memory-'));
  try {
    const client = await SidecarClient.start({
      sidecarPath: join(bundleFolder, 'sidecar.cjs'),
      settings: { model: modelPath, contextTokens: benchContextTokens, threads, storePath },
      onLog: () => undefined,
    });
    try {
      const question = {
        question: storyQuestion,
        strategy: 'direct',
        budget: { generatedTokens: tokens },
      } as const;
      await client.request('entropane/ask', question, { signal });
      return await processMemory(client.processId ?? 0);
    } finally {
      await client.dispose();
    }
  } finally {
    await rm(storePath, { recursive: true, force: true });
  }
}

async function serverMemory(
  toolPath: string,
  prompt: readonly number[],
  { modelPath, threads, signal }: SuiteContext,
): Promise<ProcessMemory> {
  const options = { modelPath, threads, contextTokens: benchContextTokens, slots };
  const server = await LlamaServer.start(toolPath, options, signal);
  try {
    await server.complete({ prompt, tokens }, signal);
    return await processMemory(server.processId ?? 0);
  } finally {
    await server.stop();
  }
}
