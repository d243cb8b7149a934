import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../../../sidecar/engine/engine.ts';
import { TextPieces } from '../../../../../sidecar/engine/remote/textPieces.ts';
import { renderChatTokens } from '../../../../../sidecar/prompts/chatTokens.ts';
import { unhurried } from '../../../../support/engine/generating.ts';

const pieces = new TextPieces();
const chatting = {
  info: { capabilities: { thinking: null, continues: false } },
  tokenize: (text: string, options: { readonly special: boolean }) =>
    Promise.resolve(pieces.tokenize(text, options)),
  renderChat: (messages: readonly ChatMessage[]) => Promise.resolve(pieces.render(messages)),
};

const anyContent = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('<|end|>', '<|user|>a<|end|><|assistant|>', '\n\n  x', ''),
);
const anyMessages = fc.array(
  fc.record({
    role: fc.constantFrom('system' as const, 'user' as const, 'assistant' as const),
    content: anyContent,
  }),
  { maxLength: 5 },
);

describe('texts as tokens', () => {
  it('give every text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (text, special) => {
        expect(pieces.textOf(pieces.tokenize(text, { special }))).toBe(text);
      }),
    );
  });

  it('give a conversation back, whatever is in its messages, and what is begun of the answer', async () => {
    await fc.assert(
      fc.asyncProperty(anyMessages, anyContent, async (messages, begun) => {
        const { tokens } = await renderChatTokens(chatting, messages, unhurried);
        const all = [...tokens, ...pieces.tokenize(begun, { special: false })];
        expect(pieces.conversationOf(all)).toEqual({ messages, begun });
      }),
    );
  });

  it('take an answer that has ended for one that is begun', async () => {
    const messages: readonly ChatMessage[] = [{ role: 'user', content: 'Why?' }];
    const { tokens } = await renderChatTokens(chatting, messages, unhurried);
    const cue = pieces.tokenize('\nFinal answer:', { special: false });
    const all = [...tokens, ...pieces.tokenize('So.', { special: false }), pieces.endToken, ...cue];

    expect(pieces.conversationOf(all)).toEqual({ messages, begun: 'So.\nFinal answer:' });
  });

  it('are no conversation where they are plain text', () => {
    expect(pieces.conversationOf(pieces.tokenize('def f():', { special: false }))).toBeNull();
  });
});
