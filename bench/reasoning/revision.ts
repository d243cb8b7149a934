import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { profilesFor } from '../../sidecar/difficulty/autoTable.ts';
import { probePath } from '../../sidecar/difficulty/probe.ts';
import { chatMessages } from '../../sidecar/prompts/chatPrompt.ts';
import { renderChatTokens } from '../../sidecar/prompts/chatTokens.ts';
import type { Answerer } from './askQuestion.ts';

/**
 * Names what decides answers beside a row's own parameters, so that what was answered under another prompt counts as
 * outdated; of adaptive rows also under another probe or another table.
 */
export async function revisionsOf(
  { model, tables }: Answerer,
  probeFolders: readonly string[],
): Promise<(rowKey: string) => string> {
  const prompts = await Promise.all(
    (['direct', 'stepByStep'] as const).map((style) =>
      renderChatTokens(model, chatMessages('?', null, style)),
    ),
  );
  const texts = prompts.map((prompt) => prompt.text);
  const probes = await Promise.all(
    probeFolders.map((folder) => readFile(probePath(folder, model.info), 'base64').catch(() => null)),
  );
  const profiles = profilesFor(tables, model.info.identity.hash);
  const plain = hashOf(texts);
  const adaptive = hashOf([texts, profiles, probes.find((probe) => probe !== null) ?? null]);
  return (rowKey) => (rowKey.startsWith('auto') ? adaptive : plain);
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
