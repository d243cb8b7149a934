import { type Budget, overrideBudget } from '../../../protocol/budget.ts';
import type { UserChoices } from '../../../protocol/reasoningOptions.ts';
import type { PromptStyle } from '../../prompts/chatPrompt.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import { defaultBudget } from '../candidates/defaultBudget.ts';

/**
 * What bounds a request before difficulty takes a share of it: the usual budget with what the user fixed. A model that thinks in
 * its own form may use `thoughtPart` of the thought, whatever the style; null where it does not. Pure.
 */
export function fullBudget(
  promptStyle: PromptStyle,
  { maxThoughtTokens = defaultSettings.maxThoughtTokens, budget = {} }: UserChoices,
  thoughtPart: number | null = null,
): Budget {
  const usual = defaultBudget(promptStyle, maxThoughtTokens);
  if (thoughtPart === null) return overrideBudget(usual, budget);
  const thoughtTokensPerCandidate = Math.floor(maxThoughtTokens * thoughtPart);
  return overrideBudget({ ...usual, thoughtTokensPerCandidate }, budget);
}
