import type { ChatMessage, Model, TokenId } from '../engine/engine.ts';

/** A prompt as text, for its hash, and as the tokens that are decoded. */
export interface RenderedPrompt {
  readonly text: string;
  readonly tokens: readonly TokenId[];
}

/**
 * Applies the model's chat template and tokenizes the result. Control tokens are parsed in what the template wrote
 * and never in the messages, so that a question or a file that contains `<|im_end|>` cannot end the user's turn.
 * Throws what `Model.renderChat` does.
 */
export async function renderChatTokens(
  model: Pick<Model, 'tokenize' | 'renderChat'>,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
): Promise<RenderedPrompt> {
  const mark = unusedMark(messages);
  const placeholders = messages.map((_, index) => `${mark}${index}${mark}`);
  const template = await model.renderChat(
    messages.map(({ role }, index) => ({ role, content: placeholders[index] ?? '' })),
    signal,
  );
  const pieces = splitAtPlaceholders(template, mark, messages);
  const tokens = await Promise.all(
    pieces.map(({ text, isTemplate }) => model.tokenize(text, { special: isTemplate })),
  );
  return { text: pieces.map((piece) => piece.text).join(''), tokens: tokens.flat() };
}

interface Piece {
  readonly text: string;
  readonly isTemplate: boolean;
}

function splitAtPlaceholders(
  template: string,
  mark: string,
  messages: readonly ChatMessage[],
): readonly Piece[] {
  // Splitting at the mark leaves the template's text at even places and placeholder numbers at odd ones.
  return template
    .split(mark)
    .map((text, place) =>
      place % 2 === 0
        ? { text, isTemplate: true }
        : { text: messages[Number(text)]?.content ?? '', isTemplate: false },
    )
    .filter((piece) => piece.text !== '');
}

/** Private-use characters that no message contains; templates pass them through untouched. */
function unusedMark(messages: readonly ChatMessage[]): string {
  let mark = '\u{e000}';
  while (messages.some((message) => message.content.includes(mark))) mark += '\u{e001}';
  return mark;
}
