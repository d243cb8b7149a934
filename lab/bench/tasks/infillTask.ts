import { readFile } from 'node:fs/promises';
import { CodedError } from '../../../protocol/codedError.ts';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { buildInfillPrompt } from '../../../sidecar/prompts/infillPrompt.ts';
import { FieldReader } from '../../../sidecar/validation/fieldReader.ts';
import { greedy } from '../decodeRun.ts';
import { type PythonOutcome, runPython } from './runPython.ts';

/** A Python function with one line taken out, and the test of the whole (HumanEval-Infilling, arXiv 2207.14255). */
export interface InfillTask {
  readonly id: string;
  readonly prefix: string;
  readonly suffix: string;
  /** The line as it was. */
  readonly middle: string;
  readonly entryPoint: string;
  /** Defines `check(candidate)`. */
  readonly test: string;
}

/** Where single-line tasks lie in a folder of test sets, one JSON object a line. */
export const singleLineFile = 'infill-single-line-bench.jsonl';

/** Longest line waited for. */
const lineTokens = 64;
/** Functions of the test set are short: both sides go into the prompt whole. */
const wholeSides = { prefixTokens: 4096, suffixTokens: 4096 };
/** Their tests take milliseconds, and a wrong line may loop for ever. */
const testTimeoutMs = 10_000;
/** Tasks that wait for the model at the same time. */
const tasksAtOnce = 4;

/** The tasks of a file, in its order. Throws `parameter.invalid` for a file that has none. */
export async function readInfillTasks(path: string): Promise<readonly InfillTask[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
    if (lines.length === 0) throw new Error('the file is empty');
    return lines.map(parseTask);
  } catch (cause) {
    throw new CodedError(
      'parameter.invalid',
      `The fill-in-the-middle tasks cannot be read from ${path}.`,
      `Give the folder that holds ${singleLineFile} with --data.`,
      { cause },
    );
  }
}

function parseTask(line: string): InfillTask {
  const reader = new FieldReader(JSON.parse(line), 'task');
  return {
    id: reader.string('id'),
    prefix: reader.string('prefix'),
    suffix: reader.string('suffix'),
    middle: reader.string('middle'),
    entryPoint: reader.string('entryPoint'),
    test: reader.string('test'),
  };
}

/** The function with a line put in, and its test: a program that fails when the line is wrong. Pure. */
export function infillProgram(task: InfillTask, line: string): string {
  return `${task.prefix}${line}\n${task.suffix}\n${task.test}\ncheck(${task.entryPoint})\n`;
}

export interface InfillResult {
  readonly task: InfillTask;
  /** The first line that the model wrote. */
  readonly line: string;
  /** Whether it is the line that was taken out, letter for letter. */
  readonly isExact: boolean;
  readonly outcome: PythonOutcome;
}

/**
 * Lets the model fill in each task's line, greedily and in the order of prompt that the product uses for it, and runs
 * its test in a Python process. The model needs four sequences.
 */
export async function runInfillTasks(
  model: Model,
  tasks: readonly InfillTask[],
  signal: AbortSignal,
): Promise<readonly InfillResult[]> {
  const results: InfillResult[] = [];
  const waiting = [...tasks.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, task] = next;
      const line = await fillIn(model, task, signal);
      const outcome = await runPython(infillProgram(task, line), testTimeoutMs, signal);
      results[index] = { task, line, isExact: `${line}\n` === task.middle, outcome };
    }
  };
  await Promise.all(Array.from({ length: tasksAtOnce }, work));
  return results;
}

/** Share of tasks whose test passed. */
export function passRate(results: readonly InfillResult[]): number {
  return results.filter(({ outcome }) => outcome === 'passed').length / results.length;
}

async function fillIn(model: Model, { prefix, suffix }: InfillTask, signal: AbortSignal): Promise<string> {
  const prompt = await buildInfillPrompt(model, { prefix, suffix }, wholeSides);
  const sequence = await model.openSequence({ priority: 'background' }, signal);
  try {
    await sequence.append(prompt, signal);
    let text = '';
    const steps = sequence.generate(
      {
        sampler: greedy,
        seed: 1,
        maxTokens: lineTokens,
        softLimit: null,
        stopTexts: ['\n'],
        alternatives: 0,
      },
      signal,
    );
    for await (const batch of steps) text += batch.map((step) => step.text).join('');
    return text.split('\n', 1)[0] ?? '';
  } finally {
    await sequence.dispose();
  }
}
