import { CodedError } from '../../protocol/codedError.ts';
import type { SamplerSettings } from '../../protocol/traceEvent.ts';
import type {
  DraftCount,
  Model,
  RequestClass,
  Sequence,
  SequenceOptions,
  TokenId,
} from '../../sidecar/engine/engine.ts';

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
  /** p1 − p2 of each token. */
  readonly margins: readonly number[];
  readonly text: string;
  readonly drafts: readonly DraftCount[];
}

/** Generates on a sequence whose prompt is in place. Exact statistics of every token are always included. */
export async function decodeOn(
  sequence: Sequence,
  options: DecodeOptions,
  signal: AbortSignal,
): Promise<DecodeRun> {
  const ids: TokenId[] = [];
  const margins: number[] = [];
  const texts: string[] = [];
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
  let next = await steps.next();
  for (; next.done !== true; next = await steps.next()) {
    for (const step of next.value) {
      ids.push(step.id);
      margins.push(step.margin);
      texts.push(step.text);
    }
  }
  const durationMs = performance.now() - startMs;
  const { drafts } = next.value;
  return { ids, durationMs, margins, text: texts.join(''), drafts };
}

/** Opens a background sequence, puts the prompt in, hands it to `use`, and closes it whatever happens. */
export async function withPrompt<T>(
  model: Model,
  promptTokens: readonly TokenId[],
  use: (sequence: Sequence) => Promise<T>,
  signal: AbortSignal,
  requestClass: RequestClass = 'chat',
): Promise<T> {
  const sequence = await model.openSequence({ priority: 'background', requestClass }, signal);
  try {
    await sequence.append(promptTokens, signal);
    return await use(sequence);
  } finally {
    await sequence.dispose();
  }
}

/**
 * Milliseconds from opening a sequence until the caller has the first token after the prompt: a question's unless a
 * completion's priority is given.
 */
export async function timeToFirstToken(
  model: Model,
  promptTokens: readonly TokenId[],
  signal: AbortSignal,
  priority: SequenceOptions['priority'] = 'background',
): Promise<number> {
  const startMs = performance.now();
  const sequence = await model.openSequence({ priority }, signal);
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
