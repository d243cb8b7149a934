import type { SamplerSettings } from '../protocol/traceEvent.ts';
import { CodedError } from '../protocol/codedError.ts';
import type { Model, Sequence, TokenId } from '../sidecar/engine/engine.ts';

export const greedy: SamplerSettings = { temperature: 0, topK: 0, topP: 1, minP: 0 };

export interface DecodeOptions {
  readonly tokens: number;
  readonly sampler: SamplerSettings;
  readonly seed: number;
  readonly alternatives: number;
}

export interface DecodeRun {
  readonly ids: readonly TokenId[];
  /** From the call of `generate` to its end, as a caller sees it. */
  readonly durationMs: number;
  /** From the call to the first step. */
  readonly firstStepMs: number;
  readonly draftedCount: number;
}

/** Generates on a sequence whose prompt is in place. Exact statistics of every token are always included. */
export async function decodeOn(
  sequence: Sequence,
  options: DecodeOptions,
  signal: AbortSignal,
): Promise<DecodeRun> {
  const ids: TokenId[] = [];
  let draftedCount = 0;
  let firstStepMs: number | null = null;
  const startMs = performance.now();
  const steps = sequence.generate(
    {
      sampler: options.sampler,
      seed: options.seed,
      maxTokens: options.tokens,
      softLimit: null,
      stopTexts: [],
      alternatives: options.alternatives,
    },
    signal,
  );
  for await (const batch of steps) {
    firstStepMs ??= performance.now() - startMs;
    ids.push(...batch.map((step) => step.id));
    draftedCount += batch.filter((step) => step.source !== 'model').length;
  }
  const durationMs = performance.now() - startMs;
  return { ids, durationMs, firstStepMs: firstStepMs ?? durationMs, draftedCount };
}

/** Opens a sequence, puts the prompt in, hands it to `use`, and closes it whatever happens. */
export async function withPrompt<T>(
  model: Model,
  promptTokens: readonly TokenId[],
  use: (sequence: Sequence) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const sequence = await model.openSequence({ priority: 'background' }, signal);
  try {
    await sequence.append(promptTokens, signal);
    return await use(sequence);
  } finally {
    await sequence.dispose();
  }
}

/** Milliseconds from opening a sequence until the first token behind the prompt is with the caller. */
export async function timeToFirstToken(
  model: Model,
  promptTokens: readonly TokenId[],
  signal: AbortSignal,
): Promise<number> {
  const startMs = performance.now();
  const sequence = await model.openSequence({ priority: 'interactive' }, signal);
  try {
    await sequence.append(promptTokens, signal);
    await decodeOn(sequence, { tokens: 1, sampler: greedy, seed: 1, alternatives: 5 }, signal);
    return performance.now() - startMs;
  } finally {
    await sequence.dispose();
  }
}

/** Throws when a run was shorter than the figure claims: its speed would be that of another quantity. */
export function requireLength(run: DecodeRun, tokens: number): void {
  if (run.ids.length >= tokens) return;
  throw new CodedError(
    'engine.failed',
    `The model ended its text after ${run.ids.length} of ${tokens} tokens, so nothing was measured.`,
    'Choose another model for this suite.',
  );
}
