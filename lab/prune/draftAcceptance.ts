import type { Model, TokenId } from '../../sidecar/engine/engine.ts';
import type { CalibrationTokens } from './calibrationTokens.ts';
import { greedyRequest, greedyText } from './greedyText.ts';

/** Tokens written after each prompt. */
const writtenTokens = 48;

/**
 * Share of the tokens drafted by a copy without some blocks that the model took over, greedy, after the prompts of these
 * texts. `model` is loaded with that copy as its draft model and speculation forced on. Null where nothing was drafted.
 */
export async function draftAcceptance(
  model: Model,
  texts: readonly CalibrationTokens[],
  onText: () => void,
  signal: AbortSignal,
): Promise<number | null> {
  let drafted = 0;
  let accepted = 0;
  for (const text of texts) {
    const { drafts } = await greedyText(model, promptOf(text), greedyRequest(writtenTokens), signal);
    for (const { source, draftedTokenCount, acceptedTokenCount } of drafts) {
      if (source !== 'layerSkip') continue;
      drafted += draftedTokenCount;
      accepted += acceptedTokenCount;
    }
    onText();
  }
  return drafted === 0 ? null : accepted / drafted;
}

/** What the model is asked; of a document, its first half. */
function promptOf({ kind, tokens, answerFrom }: CalibrationTokens): readonly TokenId[] {
  return tokens.slice(0, kind === 'document' ? Math.ceil(tokens.length / 2) : answerFrom);
}
