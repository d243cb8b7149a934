import type { SamplerSettings } from '../../../protocol/traceEvent.ts';
import type {
  GenerateRequest,
  GenerateResult,
  Model,
  Sequence,
  TokenId,
  TokenStep,
} from '../../../sidecar/engine/engine.ts';

const greedy: SamplerSettings = { temperature: 0, topK: 0, topP: 1, minP: 0 };

/** Never aborted. */
export const unhurried: AbortSignal = new AbortController().signal;

/** A greedy request of 32 tokens, but for what is given. */
export function requestWith(changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    sampler: greedy,
    seed: 1,
    maxTokens: 32,
    softLimit: null,
    stopTexts: [],
    alternatives: 0,
    ...changes,
  };
}

export interface Generated extends GenerateResult {
  readonly steps: readonly TokenStep[];
  readonly ids: readonly TokenId[];
  readonly text: string;
}

/** Runs a request to its end. `onBatch` sees each batch of steps as it comes. */
export async function generated(
  sequence: Sequence,
  request: GenerateRequest,
  options: {
    readonly signal?: AbortSignal;
    readonly onBatch?: (steps: readonly TokenStep[]) => void;
  } = {},
): Promise<Generated> {
  const steps: TokenStep[] = [];
  const run = sequence.generate(request, options.signal ?? unhurried);
  for (;;) {
    const next = await run.next();
    if (next.done === true) {
      const text = steps.map((step) => step.text).join('');
      return { steps, ids: steps.map(({ id }) => id), text, ...next.value };
    }
    steps.push(...next.value);
    options.onBatch?.(next.value);
  }
}

/** An open sequence holding the tokens of a text, control tokens parsed. */
export async function promptedSequence(
  model: Model,
  text: string,
  priority: 'interactive' | 'background' = 'interactive',
): Promise<Sequence> {
  const sequence = await model.openSequence({ priority }, unhurried);
  await sequence.append(await model.tokenize(text, { special: true }), unhurried);
  return sequence;
}

/** The assistant's turn of a chat with one question. */
export function chatPrompt(model: Model, question: string): Promise<string> {
  return model.renderChat([{ role: 'user', content: question }], {}, unhurried);
}

/** A text of some length without repetition, so that no two of different seeds start alike. */
export function longText(words: number, seed: number): string {
  return Array.from({ length: words }, (_, i) => `${seed}${(i * 7919 + seed * 104729) % 9973}`).join(' ');
}
