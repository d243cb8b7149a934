import type { ChatMessage, TokenId } from '../engine.ts';
import { TextIds } from '../textIds.ts';

/** Marks that only a rendered conversation has as tokens of their own. */
const marks = ['<|system|>', '<|user|>', '<|assistant|>', '<|end|>'] as const;
type Mark = (typeof marks)[number];

/** A turn of a conversation as the marks divide it, and what is begun of the answer. */
export interface Conversation {
  readonly messages: readonly ChatMessage[];
  /** Text of an answer that is begun; empty where it is the model's turn from its first word. */
  readonly begun: string;
}

/**
 * Ids for texts, for a server that only knows these: pieces of about a word, each with an id from its first use on. Joined
 * pieces give the text back. A question that contains a mark cannot end a turn: there it is text like any other.
 */
export class TextPieces {
  /** Ends an answer. */
  readonly endToken: TokenId = marks.indexOf('<|end|>');
  /** Marks have their texts and are never found by them. */
  readonly #pieces = new TextIds();

  /** The id of one piece, such as a token that the server has named. */
  idOf(text: string): TokenId {
    return this.#pieces.idOf(text) + marks.length;
  }

  textOf(tokens: readonly TokenId[]): string {
    return tokens.map((id) => marks[id] ?? this.#pieces.textOf([id - marks.length])).join('');
  }

  tokenize(text: string, { special }: { readonly special: boolean }): readonly TokenId[] {
    if (!special) return cut(text).map((piece) => this.idOf(piece));
    return text.split(markPattern).flatMap((part) => {
      const mark = marks.findIndex((each) => each === part);
      return mark >= 0 ? [mark] : cut(part).map((piece) => this.idOf(piece));
    });
  }

  /** A conversation as a text whose marks divide it, ready for the assistant's turn. */
  render(messages: readonly ChatMessage[]): string {
    const turns = messages.map(({ role, content }) => `<|${role}|>${content}<|end|>`);
    return `${turns.join('')}<|assistant|>`;
  }

  /** What `render` made of a conversation, with all that was added; null for tokens that are none. */
  conversationOf(tokens: readonly TokenId[]): Conversation | null {
    const messages: ChatMessage[] = [];
    let role: ChatMessage['role'] | null = null;
    let turn: TokenId[] = [];
    for (const id of tokens) {
      const mark = marks[id];
      if (mark === undefined) turn.push(id);
      else if (mark === '<|end|>') {
        if (role === null) return null;
        messages.push({ role, content: this.textOf(turn) });
        role = null;
      } else {
        if (role !== null || turn.length > 0) return null;
        role = roleOf(mark);
      }
      if (mark !== undefined) turn = [];
    }
    if (role === 'assistant') return { messages, begun: this.textOf(turn) };
    // An answer that has ended, and goes on with what a strategy put after it.
    const last = messages.pop();
    return role === null && last?.role === 'assistant'
      ? { messages, begun: last.content + this.textOf(turn) }
      : null;
  }
}

const markPattern = new RegExp(`(${marks.map((mark) => mark.replaceAll('|', '\\|')).join('|')})`);

function roleOf(mark: Exclude<Mark, '<|end|>'>): ChatMessage['role'] {
  switch (mark) {
    case '<|system|>':
      return 'system';
    case '<|user|>':
      return 'user';
    case '<|assistant|>':
      return 'assistant';
  }
}

/** Words of up to eight characters with the blanks before them: about as long as tokens are. */
function cut(text: string): readonly string[] {
  return text.match(/\n|[^\S\n]*\S{1,8}|[^\S\n]+/gu) ?? [];
}
