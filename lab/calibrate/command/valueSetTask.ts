import { fileSource } from '../../../sidecar/engine/engineSource.ts';
import { commandLineTrials } from '../../../sidecar/cli/commandLineTrials.ts';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import type { FetchProgress } from '../../../protocol/messages.ts';
import { parseQuestions } from '../questionFile.ts';
import { contextFor, parallelFitting } from '../sampleQuestions.ts';
import { compareStates } from '../valueSet/compareStates.ts';
import { growValueSet, roomOf, statesPathIn, valuePlanFor } from '../valueSet/growValueSet.ts';
import { PackedValueSet } from '../valueSet/packedValueSet.ts';
import { packValueSet } from '../valueSet/packValueSet.ts';
import { readStates } from '../valueSet/statesFile.ts';
import type { StatedQuestion } from '../valueSet/valueQuestion.ts';
import { createLlamaEngine } from '../../../sidecar/engine/llama/llamaEngine.ts';
import { checkModelFile } from '../../../sidecar/gguf/checkModelFile.ts';
import { formatBytes } from '../../../sidecar/models/byteText.ts';
import { machineStorePath, openMachineStore } from '../../../sidecar/models/machineStore.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import type { Invocation } from '../../../sidecar/cli/command.ts';
import { WorkProgress } from '../../../sidecar/cli/drawing/workProgress.ts';
import { readInputFile } from '../../../sidecar/cli/inputFile.ts';
import type { Terminal } from '../../../sidecar/cli/terminal.ts';
import type { calibrateOptions } from './calibrateOptions.ts';
import { comparisonLines } from './comparisonLines.ts';
import { valueSetRequestFrom, type ValueSetRequest } from './valueSetRequest.ts';

/** Where the set of a model is. */
export interface SetPlace {
  readonly modelPath: string;
  readonly identity: { readonly name: string; readonly hash: string; readonly hashKind: 'sha256' };
  readonly statesPath: string;
}

interface Shown {
  readonly terminal: Terminal;
  readonly isJson: boolean;
  readonly progress: WorkProgress;
}

/**
 * `entropane calibrate --value-set`: samples the questions that a set lacks, packs it, or compares ways to pack. Sampling may
 * be ended at any time and goes on from there.
 */
export async function runValueSet(
  { values, positionals, terminal }: Invocation<typeof calibrateOptions>,
  signal: AbortSignal,
): Promise<number> {
  const request = valueSetRequestFrom(values, positionals);
  const isJson = values.json === true;
  const shown = { terminal, isJson, progress: new WorkProgress({ terminal, isJson }, systemClock) };
  try {
    switch (request.action) {
      case 'sample':
        await sample(request, shown, signal);
        return 0;
      case 'pack':
        await pack(request, shown, signal);
        return 0;
      case 'compare':
        await compare(request, shown, signal);
        return 0;
    }
  } finally {
    shown.progress.clear();
  }
}

async function sample(
  request: Extract<ValueSetRequest, { readonly action: 'sample' }>,
  { terminal, isJson, progress }: Shown,
  signal: AbortSignal,
): Promise<void> {
  const all = parseQuestions(await readInputFile(request.questionsPath), request.questionsPath);
  const questions = all.slice(0, request.limit ?? all.length);
  const packed = request.packedFolder === null ? null : await PackedValueSet.open(request.packedFolder);
  const { identity, modelPath, statesPath } = await placeOf(request, progress, signal);
  const engine = createLlamaEngine({ bundleFolder: __dirname, trials: commandLineTrials(__dirname) });
  try {
    const { parallel, threads } = request;
    const plan = valuePlanFor(request.plan, identity);
    const room = roomOf(plan, parallel);
    const contextTokens = contextFor(questions, room);
    const options = { contextTokens, maxSequences: 32, threads, speculation: 'off', identity } as const;
    const model = await engine.open(fileSource(modelPath), options, signal);
    const result = await growValueSet(
      model,
      {
        questions,
        plan,
        parallel: parallelFitting(model.info.contextTokens, questions, room),
        statesPath,
        packed,
        onProgress: (done, total) => {
          progress.report('Sampling', done, total);
        },
      },
      signal,
    );
    progress.clear();
    const line = `${result.questionCount} of ${questions.length} questions are sampled: ${statesPath}`;
    terminal.print(isJson ? JSON.stringify({ type: 'result', states: statesPath, ...result }) : line);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    throw new CodedError(
      'cancelled',
      'The sampling was stopped; what was sampled is kept.',
      'Run the same command again to go on.',
      { cause: thrown },
    );
  } finally {
    await engine.dispose();
  }
}

async function pack(
  request: Extract<ValueSetRequest, { readonly action: 'pack' }>,
  { terminal, isJson, progress }: Shown,
  signal: AbortSignal,
): Promise<void> {
  const { statesPath } = await placeOf(request, progress, signal);
  const { packedFolder: folder, componentCount, bits } = request;
  const result = await packValueSet({ statesPath, folder, componentCount, bits });
  progress.clear();
  const line =
    `${result.addedQuestions} questions were added to ${folder}, ` +
    `which has ${result.questionCount} of them in ${formatBytes(result.sizeBytes)}.`;
  terminal.print(isJson ? JSON.stringify({ type: 'result', folder, ...result }) : line);
}

async function compare(
  request: ValueSetRequest,
  { terminal, isJson, progress }: Shown,
  signal: AbortSignal,
): Promise<void> {
  const { statesPath } = await placeOf(request, progress, signal);
  const questions: StatedQuestion[] = [];
  for await (const question of readStates(statesPath)) questions.push(question);
  const comparison = compareStates(questions, ({ form }) => {
    if (!isJson) terminal.note(`compared: ${form}`);
  });
  progress.clear();
  const result = { type: 'result', ...comparison };
  terminal.print(isJson ? JSON.stringify(result) : comparisonLines(comparison).join('\n'));
}

/** Finds the model, by whose hash its states are named; those are in the machine's store unless `statesPath` says where. */
export async function placeOf(
  { model, statesPath }: Pick<ValueSetRequest, 'model' | 'statesPath'>,
  progress: WorkProgress,
  signal: AbortSignal,
): Promise<SetPlace> {
  const location = { storePath: '', environment: process.env, clock: systemClock };
  const store = openMachineStore(location);
  const file = await store.resolve(model);
  await checkModelFile(file.path);
  const onHashed = ({ doneBytes }: FetchProgress): void => {
    progress.report('Checking', doneBytes, file.sizeBytes);
  };
  const hash = file.sha256 ?? (await store.verify(file.path, onHashed, signal)).sha256;
  const identity = { name: file.name, hash, hashKind: 'sha256' } as const;
  const place = statesPath ?? statesPathIn(machineStorePath(location), { identity });
  return { modelPath: file.path, identity, statesPath: path.resolve(place) };
}
