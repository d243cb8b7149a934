import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SidecarClient } from '../../../sidecar/cli/sidecarClient.ts';
import type { Pair, PairedFigure, PartResult } from '../figure.ts';
import type { SuiteContext } from '../suites/suite.ts';
import { startProduct } from './productSide.ts';

/** How long the loops run before the sidecar starts, as a build would that somebody types beside. */
const leadMs = 2_500;
/** A loop that ends with its parent, however that ends. */
const loop = 'const parent = process.ppid; while (process.ppid === parent) for (let i = 0; i < 1e7; i++);';
/** Lines that are completed at their ends, far from each other, so that little of one prompt is in the next. */
const lines = [60, 190, 320] as const;
const questionTokens = 24;
const file = 'node_modules/katex/src/MacroExpander.ts';

const steps = ['load and first completion', 'second completion', 'third completion', 'question'] as const;

/**
 * A sidecar that is started beside as many busy loops as there are cores, against one beside none, in turns: each first
 * completion far from the last, and a question.
 */
export async function busyPart(context: SuiteContext): Promise<PartResult> {
  const rounds: (readonly Pair[])[] = [];
  for (let round = 0; round < context.rounds; round++) {
    const isBusyFirst = round % 2 === 1;
    const first = await timesBeside(context, isBusyFirst);
    const second = await timesBeside(context, !isBusyFirst);
    const [subject, baseline] = isBusyFirst ? [first, second] : [second, first];
    const pairs = steps.map((_, step) => ({
      subject: subject[step] ?? NaN,
      baseline: baseline[step] ?? NaN,
    }));
    rounds.push(pairs);
    const said = pairs
      .map((pair) => `${pair.baseline.toFixed(0)} → ${pair.subject.toFixed(0)} ms`)
      .join(', ');
    context.note(`  alone → beside busy loops: ${said}`);
  }
  const figures = steps.map((name, step): PairedFigure => ({
    type: 'paired',
    name,
    unit: 'ms',
    subjectName: 'beside busy loops',
    baselineName: 'alone',
    pairs: rounds.flatMap((pairs) => pairs[step] ?? []),
  }));
  return {
    figures,
    notes: [
      `Busy loops: ${availableParallelism()}, one for each core, from before the sidecar starts. A fresh sidecar each time.`,
    ],
  };
}

async function timesBeside(context: SuiteContext, isBusy: boolean): Promise<readonly number[]> {
  const loops = isBusy ? Array.from({ length: availableParallelism() }, startLoop) : [];
  try {
    await delay(leadMs);
    const startedMs = performance.now();
    const { client, stop } = await startProduct(context);
    try {
      return await timesOf(client, context, startedMs);
    } finally {
      await stop();
    }
  } finally {
    for (const child of loops) child.kill('SIGKILL');
  }
}

async function timesOf(
  client: SidecarClient,
  { bundleFolder, signal }: SuiteContext,
  startedMs: number,
): Promise<readonly number[]> {
  const text = await readFile(resolve(bundleFolder, '..', file), 'utf8');
  const uri = 'file:///typing/busy.ts';
  await client.openDocument({ uri, languageId: 'typescript', text });
  const times: number[] = [];
  let lastMs = startedMs;
  const note = (): void => {
    const nowMs = performance.now();
    times.push(nowMs - lastMs);
    lastMs = nowMs;
  };
  for (const line of lines) {
    const character = text.split('\n')[line]?.length ?? 0;
    const place = { textDocument: { uri }, position: { line, character }, trigger: 'invoked' } as const;
    await client.request('entropane/complete', place, { signal });
    note();
  }
  const question = {
    question: 'What does a macro expander do?',
    strategy: 'direct',
    budget: { generatedTokens: questionTokens },
  } as const;
  await client.request('entropane/ask', question, { signal });
  note();
  return times;
}

function startLoop(): ChildProcess {
  return spawn(process.execPath, ['-e', loop], { stdio: 'ignore' });
}
