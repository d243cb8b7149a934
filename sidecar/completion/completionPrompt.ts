import type { Model, TokenId } from '../engine/engine.ts';
import {
  budgetWithin,
  buildInfillPrompt,
  type InfillBudget,
  infillBudget,
  type InfillLayout,
  type InfillPromptOptions,
} from '../prompts/infillPrompt.ts';
import { emptyFront } from '../prompts/infillFront.ts';
import type { CursorContext, Healing } from './cursorContext.ts';
import type { WindowLimits } from './textWindow.ts';

/** Characters that a token of code has at most on average: what is taken from the document before tokenizing. */
const charsPerToken = 4;

/** What of a document is looked at around the cursor. */
export const windowLimits: WindowLimits = {
  beforeChars: infillBudget.prefixTokens * charsPerToken,
  afterChars: infillBudget.suffixTokens * charsPerToken,
};

/** Another way to ask a model for a completion than the product's own; there to be compared with. */
export interface Prompting {
  /** What before the cursor is generated again; the run of characters when absent. */
  readonly healing?: Healing;
  /** The model's own when absent. */
  readonly layout?: InfillLayout;
  /** Whether a rest of the line that only closes brackets and strings is in the prompt; `leftOut` when absent. */
  readonly closers?: 'kept' | 'leftOut';
}

export interface CompletionPromptOptions extends InfillPromptOptions, Pick<Prompting, 'closers'> {
  /** Tokens that the completion may have. */
  readonly maxTokens: number;
  /** Less than all that the context has room for; `infillBudget` when absent. */
  readonly within?: InfillBudget;
}

/** The prompt of a completion, with parts of other files before it. Throws as `buildInfillPrompt` does. */
export function completionPrompt(
  model: Pick<Model, 'info' | 'tokenize'>,
  cursor: CursorContext,
  { maxTokens, within, closers = 'leftOut', ...options }: CompletionPromptOptions,
): Promise<readonly TokenId[]> {
  const { before, regenerated, after } = cursor;
  return buildInfillPrompt(
    model,
    {
      prefix: before.slice(0, before.length - regenerated.length),
      suffix: closers === 'kept' ? after : withoutClosers(cursor),
    },
    within ?? wholeBudget(model, options.front, maxTokens),
    options,
  );
}

/** As much of both sides as the context has room for. */
export function wholeBudget(
  { info }: Pick<Model, 'info'>,
  front: InfillPromptOptions['front'],
  maxTokens: number,
): InfillBudget {
  const { before, insidePrefix } = front ?? emptyFront;
  return budgetWithin(info.contextTokens - before.length - insidePrefix.length, maxTokens);
}

/**
 * Text after the cursor without a rest of the line that only closes: mostly the editor's, which adds it while somebody types.
 * So the prompt stays the same at its beginning, and the model writes the line to its end.
 */
function withoutClosers({ after, lineAfter }: CursorContext): string {
  return /^[)\]}"'`;, \t]+$/.test(lineAfter) ? after.slice(lineAfter.length) : after;
}
