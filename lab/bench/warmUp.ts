import type { Model } from '../../sidecar/engine/engine.ts';
import { chatTokens, storyQuestion } from './prompts.ts';
import type { Contender } from './textRun.ts';

const warmUpTokens = 48;

/** A short text on each contender that no task shares, so that no first run pays for cold pages or unknown costs. */
export async function warmUp(
  model: Model,
  contenders: readonly Contender[],
  signal: AbortSignal,
): Promise<void> {
  const prompt = await chatTokens(model, storyQuestion);
  for (const { run } of contenders) await run({ prompt, tokens: warmUpTokens, requestClass: 'chat' }, signal);
}
