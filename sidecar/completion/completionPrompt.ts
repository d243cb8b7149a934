import type { Model, TokenId, TokenizeOptions } from '../engine/engine.ts';
import { emptyFront, type InfillFront } from '../prompts/infillFront.ts';
import { budgetWithin, buildInfillPrompt, infillBudget } from '../prompts/infillPrompt.ts';
import type { CursorContext } from './cursorContext.ts';
import type { WindowLimits } from './textWindow.ts';

/** Characters that a token of code has at most on average: what is taken from the document before tokenizing. */
const charsPerToken = 4;

/** What of a document is looked at around the cursor. */
export const windowLimits: WindowLimits = {
  beforeChars: infillBudget.prefixTokens * charsPerToken,
  afterChars: infillBudget.suffixTokens * charsPerToken,
};

/** The prompt of a completion of at most `maxTokens`, with parts of other files before it. Throws as `buildInfillPrompt` does. */
export function completionPrompt(
  model: Pick<Model, 'info' | 'tokenize'>,
  { before, regenerated, after }: CursorContext,
  options: Pick<TokenizeOptions, 'isUrgent'> & { readonly maxTokens: number; readonly front?: InfillFront },
): Promise<readonly TokenId[]> {
  const { maxTokens, isUrgent = false, front = emptyFront } = options;
  const contextTokens = model.info.contextTokens - front.before.length - front.insidePrefix.length;
  return buildInfillPrompt(
    model,
    { prefix: before.slice(0, before.length - regenerated.length), suffix: after },
    budgetWithin(contextTokens, maxTokens),
    { isUrgent, front },
  );
}
