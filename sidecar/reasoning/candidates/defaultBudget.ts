import type { Budget } from '../../../protocol/budget.ts';
import type { PromptStyle } from '../../prompts/chatPrompt.ts';

/** Answer tokens behind a thought: the answer with a sentence or a short block of code around it. */
const reasonedAnswerTokens = 256;

/**
 * The budget of a request whose user fixed nothing. A direct answer gets all tokens that thought and answer would
 * have had between them.
 */
export function defaultBudget(promptStyle: PromptStyle, maxThoughtTokens: number): Budget {
  const isDirect = promptStyle === 'direct';
  return {
    thoughtTokensPerCandidate: isDirect ? 0 : maxThoughtTokens,
    answerTokensPerCandidate: isDirect ? maxThoughtTokens + reasonedAnswerTokens : reasonedAnswerTokens,
    generatedTokens: null,
    durationMs: null,
  };
}
