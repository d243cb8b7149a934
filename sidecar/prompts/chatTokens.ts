import { type Capabilities, ownThinking } from '../engine/capabilities.ts';
import type { ChatMessage, Model, TokenId } from '../engine/engine.ts';
import {
  noThought,
  thoughtEnding,
  type ThoughtRequest,
  thoughtVariables,
  withThoughtWord,
} from './thoughtRequest.ts';

/** A prompt as text, for its hash, and as the tokens that are decoded. */
export interface RenderedPrompt {
  readonly text: string;
  readonly tokens: readonly TokenId[];
}

interface ChatModel extends Pick<Model, 'tokenize' | 'renderChat'> {
  readonly info: { readonly capabilities: Pick<Capabilities, 'thinking' | 'continues'> };
}

/**
 * Applies the model's chat template and tokenizes the result. Control tokens are parsed in what the template wrote
 * and never in the messages, so that a question or a file that contains `<|im_end|>` cannot end the user's turn.
 * A model with a thinking mode leaves its thought out. Throws what `Model.renderChat` does.
 */
export function renderChatTokens(
  model: ChatModel,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
): Promise<RenderedPrompt> {
  return renderThoughtTokens(model, { messages, thought: noThought }, signal);
}

/**
 * The same, so that what follows is the inside of a thought where the request asks for one, and the answer where it asks for
 * none. Both are alike for a model without a thinking mode.
 */
export async function renderThoughtTokens(
  model: ChatModel,
  { messages, thought }: { readonly messages: readonly ChatMessage[]; readonly thought: ThoughtRequest },
  signal: AbortSignal,
): Promise<RenderedPrompt> {
  const thinking = ownThinking(model.info.capabilities);
  if (thinking === null) return tokensOf(model, await piecesOf(model, messages, {}, signal), signal);
  const options = { variables: thoughtVariables(thinking, thought) };
  const pieces = await piecesOf(model, withThoughtWord(messages, thinking, thought), options, signal);
  const last = pieces.at(-1);
  const ending = thoughtEnding(last?.isTemplate === true ? last.text : '', thinking, thought);
  return tokensOf(model, ending === '' ? pieces : withEnding(pieces, ending), signal);
}

async function tokensOf(
  model: ChatModel,
  pieces: readonly Piece[],
  signal: AbortSignal,
): Promise<RenderedPrompt> {
  const tokens = await Promise.all(
    pieces.map(({ text, isTemplate }) => model.tokenize(text, { special: isTemplate }, signal)),
  );
  return { text: pieces.map((piece) => piece.text).join(''), tokens: tokens.flat() };
}

/** As one piece with what the template wrote last: words may be tokens together. */
function withEnding(pieces: readonly Piece[], ending: string): readonly Piece[] {
  const last = pieces.at(-1);
  if (last?.isTemplate !== true) return [...pieces, { text: ending, isTemplate: true }];
  return [...pieces.slice(0, -1), { text: last.text + ending, isTemplate: true }];
}

interface Piece {
  readonly text: string;
  readonly isTemplate: boolean;
}

async function piecesOf(
  model: ChatModel,
  messages: readonly ChatMessage[],
  options: Parameters<Model['renderChat']>[1],
  signal: AbortSignal,
): Promise<readonly Piece[]> {
  const texts: string[] = [];
  const mark = unusedMark(messages);
  const placeholderFor = (text: string): string => `${mark}${texts.push(text) - 1}${mark}`;
  const marked = messages.map(({ role, content, thought }) => ({
    role,
    content: placeholderFor(content),
    ...(thought !== undefined && { thought: placeholderFor(thought) }),
  }));
  return splitAtPlaceholders(await model.renderChat(marked, options, signal), mark, texts);
}

function splitAtPlaceholders(template: string, mark: string, texts: readonly string[]): readonly Piece[] {
  // Splitting at the mark leaves the template's text at even places and placeholder numbers at odd ones.
  return template
    .split(mark)
    .map((text, place) =>
      place % 2 === 0 ? { text, isTemplate: true } : { text: texts[Number(text)] ?? '', isTemplate: false },
    )
    .filter((piece) => piece.text !== '');
}

/** Private-use characters that no message contains; templates pass them through untouched. */
function unusedMark(messages: readonly ChatMessage[]): string {
  let mark = '\u{e000}';
  const isUsed = ({ content, thought = '' }: ChatMessage): boolean =>
    content.includes(mark) || thought.includes(mark);
  while (messages.some(isUsed)) mark += '\u{e001}';
  return mark;
}
