import { mkdtemp, rm } from 'node:fs/promises';
import { fileSource } from '../../sidecar/engine/engineSource.ts';
import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import type { Health } from '../../protocol/health.ts';
import { SidecarClient } from '../../sidecar/cli/sidecarClient.ts';
import type { LoadOptions, Model } from '../../sidecar/engine/engine.ts';
import type { SingleFigure, PartResult } from './figure.ts';
import { processMemory } from './processMemory.ts';
import { storyQuestion } from './prompts.ts';
import { benchContextTokens, type SuiteContext } from './suites/suite.ts';

/** Longer than a call holds, so that the activations of a whole call are in memory. */
const promptTokens = 540;
/** Rows of logits of one call: nearly all that a context has room for. */
const branches = 120;
/** Candidates of a question: the most that the product takes. */
const candidates = 16;
const settings = { contextTokens: benchContextTokens, cacheType: 'f16', prefixBytesLimit: 0 } as const;

/**
 * Memory of the model under test and the one for questions, loaded side by side, against the sum of their predictions: on an
 * engine that is driven to the most that calls take, and in a sidecar that answers a question and a completion. Linux only.
 */
export async function bothModelsPart(context: SuiteContext): Promise<PartResult> {
  const { questionModel, note } = context;
  if (questionModel === null) return { figures: [], notes: ['No `--question-model` was named.'] };
  const { predictedMb, takenMb } = await engineMemory(context, questionModel);
  note(`  predicted ${predictedMb.join(' + ')} MB, taken ${takenMb} MB`);
  const { emptyMb, usedMb } = await sidecarMemory(context, questionModel);
  note(`  a sidecar without a model ${emptyMb} MB, with both after a question and a completion ${usedMb} MB`);
  const predicted = predictedMb.reduce((sum, each) => sum + each, 0);
  const single = (name: string, value: number, basis: string): SingleFigure => ({
    type: 'single',
    name,
    unit: 'MB',
    value,
    basis,
  });
  const inAll = 'resident pages of the process, once';
  return {
    figures: [
      single('predicted for both models', predicted, `${predictedMb.join(' and ')}, from their headers`),
      single('taken by both at most', takenMb, 'what the process has more than before their loads'),
      {
        type: 'single',
        name: 'predicted ÷ taken at most',
        unit: 'ratio',
        value: predicted / takenMb,
        basis: 'the two above',
      },
      single('a sidecar without a model', emptyMb, inAll),
      single('a sidecar with both', usedMb, `${inAll}, after a question with ${candidates} candidates`),
    ],
    notes: [
      `At most: each model has read a prompt of ${promptTokens} tokens and has then decoded ${branches} sequences in one call.`,
      'The sidecar stays below that, because fewer sequences share a call there. It keeps no prefixes in main memory.',
    ],
  };
}

/** Both models on the engine of the suite, which has loaded nothing yet: the C library keeps pages of what was unloaded. */
async function engineMemory(
  context: SuiteContext,
  questionModel: string,
): Promise<{ readonly predictedMb: readonly number[]; readonly takenMb: number }> {
  const { engine, modelPath, threads, signal } = context;
  const { contextTokens, cacheType } = settings;
  const options: LoadOptions = {
    contextTokens,
    cacheType,
    maxSequences: 1,
    threads,
    speculation: 'off',
    prefixBytes: 0,
  };
  // Thread and libraries are there before anything is measured: a load opens them before it looks for its file.
  await engine.open(fileSource(`${modelPath}.missing`), options, signal).catch(() => undefined);
  const beforeMb = await residentMb(process.pid);
  const models: Model[] = [];
  try {
    for (const path of [questionModel, modelPath])
      models.push(await engine.open(fileSource(path), options, signal));
    for (const model of models) await exhaust(model, signal);
    const takenMb = (await residentMb(process.pid)) - beforeMb;
    return {
      predictedMb: models.map(({ info }) => Math.round(requireLocal(info).memoryBytes / 1e6)),
      takenMb,
    };
  } finally {
    await Promise.all(models.map((model) => model.dispose()));
  }
}

/** A call full of a prompt's tokens, and one with a row of logits for nearly every sequence that there can be. */
async function exhaust(model: Model, signal: AbortSignal): Promise<void> {
  const sequence = await model.openSequence({ priority: 'interactive' }, signal);
  await sequence.append(
    Array.from({ length: promptTokens }, (_, index) => 100 + index),
    signal,
  );
  const forks = await sequence.fork(branches, signal);
  const sampler = { temperature: 0, topK: 0, topP: 1, minP: 0 };
  const request = { sampler, seed: 0, maxTokens: 1, softLimit: null, stopTexts: [], alternatives: 0 };
  await Promise.all(
    forks.map(async (fork) => {
      const steps = fork.generate(request, signal);
      while ((await steps.next()).done !== true);
    }),
  );
  await Promise.all([sequence, ...forks].map((each) => each.dispose()));
}

async function sidecarMemory(
  context: SuiteContext,
  questionModel: string,
): Promise<{ readonly emptyMb: number; readonly usedMb: number }> {
  const { modelPath, signal } = context;
  const missing = `${modelPath}.missing`;
  const emptyMb = await inSidecar(context, { model: missing, completionModel: '' }, (client) =>
    residentMb(client.processId ?? 0),
  );
  const both = { model: questionModel, completionModel: modelPath };
  const usedMb = await inSidecar(context, both, async (client) => {
    const asked = await client.request(
      'entropane/ask',
      {
        question: `${'Keep it simple. '.repeat(promptTokens / 4)}${storyQuestion}`,
        strategy: 'selfConsistency',
        candidates,
        budget: { thoughtTokensPerCandidate: 16, answerTokensPerCandidate: 16 },
      },
      { signal },
    );
    const uri = 'file:///memory.py';
    await client.openDocument({ uri, languageId: 'python', text: 'def add(a, b):\n    return ' });
    const position = { line: 1, character: 11 };
    const { report } = await client.request(
      'entropane/complete',
      { textDocument: { uri }, position, trigger: 'invoked' },
      { signal },
    );
    if (report.model === null || asked.ledger.tokens.prompt === 0) throw notLoaded();
    return residentMb(client.processId ?? 0);
  });
  return { emptyMb, usedMb };
}

/** A sidecar with a store of its own, once its models are loaded, or it has said that there is none. */
async function inSidecar<T>(
  { threads, bundleFolder }: SuiteContext,
  models: { readonly model: string; readonly completionModel: string },
  use: (client: SidecarClient) => Promise<T>,
): Promise<T> {
  const storePath = await mkdtemp(join(tmpdir(), 'entropane-memory-'));
  try {
    let hear: (health: Health) => void = () => undefined;
    const settled = new Promise<Health>((resolve) => {
      hear = (health) => {
        if (isSettled(health, models.completionModel !== '')) resolve(health);
      };
    });
    const client = await SidecarClient.start({
      sidecarPath: join(bundleFolder, 'sidecar.cjs'),
      settings: { ...settings, ...models, threads, storePath },
      onLog: () => undefined,
      onHealth: (health) => {
        hear(health);
      },
    });
    try {
      const health = await settled;
      if (models.completionModel !== '' && health.completions?.state !== 'ready') throw notLoaded();
      return await use(client);
    } finally {
      await client.dispose();
    }
  } finally {
    await rm(storePath, { recursive: true, force: true });
  }
}

/** Whether nothing more will be loaded: a second model that does not fit is left out, and the notes say so. */
function isSettled(health: Health, hasTwo: boolean): boolean {
  if (health.state === 'noModel' || health.state === 'failed') return true;
  if (health.state !== 'ready') return false;
  if (!hasTwo) return true;
  return health.completions === undefined ? health.notes.length > 0 : health.completions.state === 'ready';
}

function notLoaded(): CodedError {
  return new CodedError(
    'engine.failed',
    'The two models were not loaded side by side, so nothing was measured.',
    'Free memory, or choose smaller models.',
  );
}

async function residentMb(processId: number): Promise<number> {
  const { anonymousMb, fileMb } = await processMemory(processId);
  return Math.round(anonymousMb + fileMb);
}
