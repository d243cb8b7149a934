import { createHash } from 'node:crypto';
import type { Model } from '../../sidecar/engine/engine.ts';
import { chatMessages } from '../../sidecar/prompts/chatPrompt.ts';
import { renderChatTokens } from '../../sidecar/prompts/chatTokens.ts';

/** Names what decides answers beside a row's own parameters: another prompt makes what was answered before outdated. */
export async function revisionOf(model: Pick<Model, 'tokenize' | 'renderChat'>): Promise<string> {
  const prompts = await Promise.all(
    (['direct', 'stepByStep'] as const).map((style) =>
      renderChatTokens(model, chatMessages('?', null, style)),
    ),
  );
  const text = JSON.stringify(prompts.map((prompt) => prompt.text));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
