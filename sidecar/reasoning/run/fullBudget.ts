import { type Budget, overrideBudget } from '../../../protocol/budget.ts';
import type { UserChoices } from '../../../protocol/reasoningOptions.ts';
import type { PromptStyle } from '../../prompts/chatPrompt.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import { defaultBudget } from '../candidates/defaultBudget.ts';

/** What bounds a request before difficulty takes a share of it: the usual budget with what the user fixed. Pure. */
export function fullBudget(
  promptStyle: PromptStyle,
  { maxThoughtTokens = defaultSettings.maxThoughtTokens, budget = {} }: UserChoices,
): Budget {
  return overrideBudget(defaultBudget(promptStyle, maxThoughtTokens), budget);
}
