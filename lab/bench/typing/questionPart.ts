import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import type { SidecarClient } from '../../../sidecar/cli/sidecarClient.ts';
import type { Pair, PairedFigure, PartResult } from '../figure.ts';
import type { SuiteContext } from '../suites/suite.ts';
import { startProduct } from './productSide.ts';

/** Lines that are completed at their ends, far from each other. */
const lines = [60, 190, 320] as const;
/** More than any completion takes. */
const questionTokens = 4096;
/** Some answers are short. */
const mostTrials = 4;
const file = 'node_modules/katex/src/MacroExpander.ts';

interface Times {
  readonly firstMs: number;
  readonly wholeMs: number;
}

/**
 * Completions by the model under test while another one answers a question, against the same with both models loaded and no
 * question, in turns. Each at a new place of a new document, so that no prompt is in the cache.
 */
export async function questionPart(context: SuiteContext): Promise<PartResult> {
  const { questionModel, modelPath, bundleFolder, rounds, note } = context;
  if (questionModel === null) return { figures: [], notes: ['No `--question-model` was named.'] };
  const text = await readFile(resolve(bundleFolder, '..', file), 'utf8');
  const { client, stop } = await startProduct({ bundleFolder, modelPath, questionModel });
  const pairs: { readonly first: Pair[]; readonly whole: Pair[] } = { first: [], whole: [] };
  try {
    await ask(client, { tokens: 1 }, context.signal);
    // How fast prompts are read is learned from the first of them.
    for (const line of lines) await timesAt(client, { text, line }, context.signal);
    for (let round = 0; round < rounds; round++) {
      for (const [index, line] of lines.entries()) {
        const place = { text, line };
        const isAloneFirst = (round + index) % 2 === 0;
        const before = isAloneFirst ? await timesAt(client, place, context.signal) : null;
        const beside = await timesBesideQuestion(client, place, context.signal);
        const alone = before ?? (await timesAt(client, place, context.signal));
        pairs.first.push({ subject: beside.firstMs, baseline: alone.firstMs });
        pairs.whole.push({ subject: beside.wholeMs, baseline: alone.wholeMs });
        note(`  alone → beside a question: ${alone.firstMs.toFixed(0)} → ${beside.firstMs.toFixed(0)} ms`);
      }
    }
  } finally {
    await stop();
  }
  const figure = (name: string, of: readonly Pair[]): PairedFigure => ({
    type: 'paired',
    name,
    unit: 'ms',
    subjectName: 'beside a question',
    baselineName: 'alone',
    pairs: of,
  });
  return {
    figures: [figure('first text of a completion', pairs.first), figure('whole completion', pairs.whole)],
    notes: [`Both models are loaded on both sides. The question is answered by ${questionModel}.`],
  };
}

/** Asks again where the question was answered too soon. Throws `engine.failed` when that goes on. */
async function timesBesideQuestion(client: SidecarClient, place: Place, signal: AbortSignal): Promise<Times> {
  for (let trial = 0; trial < mostTrials; trial++) {
    const times = await tryBesideQuestion(client, place, signal);
    if (times !== null) return times;
  }
  throw answeredTooSoon();
}

/** Times of a completion; null where the question was answered before the completion was there. */
async function tryBesideQuestion(
  client: SidecarClient,
  place: Place,
  signal: AbortSignal,
): Promise<Times | null> {
  const ending = new AbortController();
  const asked = AbortSignal.any([signal, ending.signal]);
  const question = { isAnswered: false };
  let answered = Promise.resolve();
  await new Promise<void>((resolve) => {
    answered = ask(client, { tokens: questionTokens, onText: resolve }, asked).finally(() => {
      question.isAnswered = true;
      resolve();
    });
  });
  try {
    const times = await timesAt(client, place, signal);
    return question.isAnswered ? null : times;
  } finally {
    ending.abort();
    await answered;
  }
}

function answeredTooSoon(): CodedError {
  return new CodedError(
    'engine.failed',
    'The question was answered before the completion came, so nothing was measured.',
    'Choose a slower model for questions.',
  );
}

async function ask(
  client: SidecarClient,
  { tokens, onText }: { readonly tokens: number; readonly onText?: () => void },
  signal: AbortSignal,
): Promise<void> {
  const params = {
    question: 'Write all whole numbers from 1 to 999 in English words, one on each line.',
    strategy: 'direct',
    budget: { answerTokensPerCandidate: tokens },
  } as const;
  await client.request('entropane/ask', params, {
    signal,
    onPartial: (events) => {
      if (events.some(({ type }) => type === 'tokens/appended')) onText?.();
    },
  });
}

interface Place {
  readonly text: string;
  readonly line: number;
}

let documents = 0;

async function timesAt(client: SidecarClient, { text, line }: Place, signal: AbortSignal): Promise<Times> {
  documents += 1;
  const uri = `file:///typing/question${documents}.ts`;
  // A first line of its own: the beginning of every prompt is another one.
  await client.openDocument({ uri, languageId: 'typescript', text: `// Copy ${documents}\n${text}` });
  const character = text.split('\n')[line]?.length ?? 0;
  const startedMs = performance.now();
  const textsMs: number[] = [];
  await client.request(
    'entropane/complete',
    { textDocument: { uri }, position: { line: line + 1, character }, trigger: 'invoked' },
    {
      signal,
      onPartial: () => {
        textsMs.push(performance.now() - startedMs);
      },
    },
  );
  const wholeMs = performance.now() - startedMs;
  return { firstMs: textsMs[0] ?? wholeMs, wholeMs };
}
