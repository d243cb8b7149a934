import { CodedError } from '../../protocol/codedError.ts';
import type { SamplerSettings } from '../../protocol/traceEvent.ts';
import type { Model, TokenId } from '../../sidecar/engine/engine.ts';
import type { LlamaServer } from './baselines/llamaServer.ts';
import { decodeOn, greedy, withPrompt } from './decodeRun.ts';

const sampler: SamplerSettings = { temperature: 0.8, topK: 0, topP: 1, minP: 0.05 };
/** Runs with an early end in a row after which a model is taken to end all its texts. */
const mostAttempts = 6;

export interface CandidatesRun {
  readonly prompt: readonly TokenId[];
  readonly count: number;
  readonly tokensEach: number;
}

/**
 * Tokens per second of candidates that share a prompt, from the first call to the last end. A run in which one ends
 * early is taken again with other seeds: what then goes on alone would be counted as a batch. Throws `engine.failed`
 * for a model that goes on ending its texts.
 */
export async function candidatesSpeed(
  model: Model,
  run: CandidatesRun,
  signal: AbortSignal,
): Promise<number> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const { tokens, durationMs } = await decodeCandidates(model, run, attempt, signal);
    if (tokens === run.count * run.tokensEach) return (1000 * tokens) / durationMs;
  }
  throw new CodedError(
    'engine.failed',
    `In each of ${mostAttempts} runs a candidate ended before ${run.tokensEach} tokens, so nothing was measured.`,
    'Choose another model for this suite.',
  );
}

async function decodeCandidates(
  model: Model,
  { prompt, count, tokensEach }: CandidatesRun,
  attempt: number,
  signal: AbortSignal,
): Promise<{ readonly tokens: number; readonly durationMs: number }> {
  return withPrompt(
    model,
    prompt,
    async (sequence) => {
      const candidates = await sequence.fork(count, signal);
      try {
        const startMs = performance.now();
        const runs = await Promise.all(
          candidates.map((candidate, index) => {
            const seed = attempt * count + index + 1;
            return decodeOn(candidate, { tokens: tokensEach, sampler, seed, alternatives: 5 }, signal);
          }),
        );
        const tokens = runs.reduce((sum, { ids }) => sum + ids.length, 0);
        return { tokens, durationMs: performance.now() - startMs };
      } finally {
        await Promise.all(candidates.map((candidate) => candidate.dispose()));
      }
    },
    signal,
  );
}

export interface RequestsRun {
  readonly prompts: readonly (readonly TokenId[])[];
  /** Tokens of each request. */
  readonly tokens: number;
}

/** Generated tokens per second of requests handed to the engine all at once, prompts included in the time. */
export function engineSpeed(model: Model, run: RequestsRun, signal: AbortSignal): Promise<number> {
  const options = { tokens: run.tokens, sampler: greedy, seed: 1, alternatives: 5 };
  return speedOfAll(run, async (prompt) => {
    const { ids } = await withPrompt(
      model,
      prompt,
      (sequence) => decodeOn(sequence, options, signal),
      signal,
    );
    return ids.length;
  });
}

/** The same, handed to llama-server. */
export function serverSpeed(server: LlamaServer, run: RequestsRun, signal: AbortSignal): Promise<number> {
  return speedOfAll(run, async (prompt) => {
    const { ids } = await server.complete({ prompt, tokens: run.tokens }, signal);
    return ids.length;
  });
}

/** Throws `engine.failed` where a request ends early, since the two sides would then do different work. */
async function speedOfAll(
  { prompts, tokens }: RequestsRun,
  generate: (prompt: readonly TokenId[]) => Promise<number>,
): Promise<number> {
  const startMs = performance.now();
  const counts = await Promise.all(prompts.map(generate));
  const durationMs = performance.now() - startMs;
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.every((count) => count === tokens)) return (1000 * total) / durationMs;
  throw new CodedError(
    'engine.failed',
    `A request ended after ${Math.min(...counts)} of ${tokens} tokens, so nothing was measured.`,
    'Choose another model for this suite.',
  );
}
