import type { DraftCount, GenerateRequest, Model, TokenId } from '../../sidecar/engine/engine.ts';

/** Always the likeliest token, nothing reported beside it. */
export function greedyRequest(maxTokens: number, stopTexts: readonly string[] = []): GenerateRequest {
  return {
    sampler: { temperature: 0, topK: 0, topP: 1, minP: 0 },
    seed: 0,
    maxTokens,
    softLimit: null,
    stopTexts,
    alternatives: 0,
  };
}

export interface GreedyText {
  readonly text: string;
  readonly drafts: readonly DraftCount[];
}

/** The model's text after a prompt. */
export async function greedyText(
  model: Model,
  prompt: readonly TokenId[],
  request: GenerateRequest,
  signal: AbortSignal,
): Promise<GreedyText> {
  const sequence = await model.openSequence({ priority: 'background' }, signal);
  try {
    await sequence.append(prompt, signal);
    const texts: string[] = [];
    const steps = sequence.generate(request, signal);
    for (;;) {
      const next = await steps.next();
      signal.throwIfAborted();
      if (next.done === true) return { text: texts.join(''), drafts: next.value.drafts };
      for (const { text } of next.value) texts.push(text);
    }
  } finally {
    await sequence.dispose();
  }
}
