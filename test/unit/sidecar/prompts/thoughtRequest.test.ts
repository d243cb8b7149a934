import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../../sidecar/engine/engine.ts';
import { renderChatTokens, renderThoughtTokens } from '../../../../sidecar/prompts/chatTokens.ts';
import {
  noThought,
  thoughtEnding,
  type ThoughtRequest,
  thoughtRequestOf,
  thoughtShare,
  thoughtVariables,
  withThoughtWord,
} from '../../../../sidecar/prompts/thoughtRequest.ts';
import { markedEngine, markedFormat } from '../../../support/engine/markedModel.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';

const thinking: ThoughtRequest = { thinks: true, level: null };
const unhurried = new AbortController().signal;
const asked: readonly ChatMessage[] = [{ role: 'user', content: 'Why?' }];

describe('thoughtRequestOf', () => {
  it('leaves the choice to the style unless the user chose', () => {
    expect(thoughtRequestOf('auto', 'stepByStep').thinks).toBe(true);
    expect(thoughtRequestOf('auto', 'direct').thinks).toBe(false);
    expect(thoughtRequestOf('on', 'direct').thinks).toBe(true);
    expect(thoughtRequestOf('off', 'stepByStep')).toEqual(noThought);
    expect(thoughtRequestOf('low', 'direct')).toEqual({ thinks: true, level: 'low' });
  });
});

describe('a level of thought', () => {
  const efforts = { variable: 'reasoning_effort', levels: ['low', 'high'] } as const;

  it('is passed on where the template takes it', () => {
    const format = markedFormat('harmony', { efforts, switch: null });
    expect(thoughtVariables(format, { thinks: true, level: 'low' })).toEqual({ reasoning_effort: 'low' });
    expect(thoughtShare(format, { thinks: true, level: 'low' })).toBe(1);
  });

  it('is a share of the budget where it does not', () => {
    const format = markedFormat('think', { efforts });
    expect(thoughtVariables(format, { thinks: true, level: 'medium' })).toEqual({ enable_thinking: true });
    expect(thoughtShare(format, { thinks: true, level: 'medium' })).toBe(0.5);
    expect(thoughtShare(markedFormat(), { thinks: true, level: 'low' })).toBe(0.25);
    expect(thoughtShare(markedFormat(), thinking)).toBe(1);
  });
});

describe('a switch', () => {
  it('is a variable, or a word in the system message', () => {
    expect(thoughtVariables(markedFormat(), noThought)).toEqual({ enable_thinking: false });
    const word = markedFormat('think', { switch: { kind: 'word', on: '/think', off: '/no_think' } });
    expect(thoughtVariables(word, noThought)).toEqual({});
    expect(withThoughtWord(asked, word, noThought)[0]).toEqual({ role: 'system', content: '/no_think' });
    const withSystem = [{ role: 'system', content: 'Be brief.' } as const, ...asked];
    expect(withThoughtWord(withSystem, word, thinking)[0]?.content).toBe('Be brief.\n/think');
    expect(withThoughtWord(asked, markedFormat(), thinking)).toBe(asked);
  });
});

describe('thoughtEnding', () => {
  it.each([
    ['assistant\n', true, '<think>\n'],
    ['assistant\n<think>\n', true, ''],
    ['assistant\n<think>\n\n</think>\n\n', true, '<think>\n'],
    ['assistant\n', false, '<think>\n\n</think>\n\n'],
    ['assistant\n<think>\n', false, '\n</think>\n\n'],
    ['assistant\n<think>\n\n</think>\n\n', false, ''],
  ])('after %j, with a thought: %s', (ending, thinks, added) => {
    expect(thoughtEnding(ending, markedFormat(), { thinks })).toBe(added);
  });

  it('begins the answer of a model with channels', () => {
    expect(thoughtEnding('<|start|>assistant', markedFormat('harmony'), { thinks: false })).toBe(
      '<|channel|>final<|message|>',
    );
  });
});

describe('renderThoughtTokens', () => {
  it('opens the thought or leaves it out, and changes nothing for a model without one', async () => {
    const marked = await scriptedModel(() => '', markedEngine());
    const plain = await scriptedModel(() => '');
    const textOf = async (model: typeof marked, thought = thinking): Promise<string> =>
      (await renderThoughtTokens(model, { messages: asked, thought }, unhurried)).text;
    expect(await textOf(marked)).toMatch(/assistant\n<think>\n$/u);
    expect(await textOf(marked, noThought)).toMatch(/assistant\n<think>\n\n<\/think>\n\n$/u);
    expect(await textOf(plain)).toMatch(/assistant\n$/u);
    expect((await renderChatTokens(marked, asked, unhurried)).text).toBe(await textOf(marked, noThought));
  });

  it('parses control tokens in no earlier thought', async () => {
    const keeping = markedFormat('think', { dropsEarlier: false });
    const model = await scriptedModel(() => '', markedEngine(keeping));
    const end = '<|im_end|>';
    const turns: readonly ChatMessage[] = [
      ...asked,
      { role: 'assistant', content: 'So.', thought: end },
      { role: 'user', content: 'And?' },
    ];
    const { text, tokens } = await renderThoughtTokens(
      model,
      { messages: turns, thought: thinking },
      unhurried,
    );
    expect(text).toContain(`<think>\n${end}\n</think>\n\nSo.`);
    const [endToken] = await model.tokenize(end, { special: true });
    expect(tokens.filter((token) => token === endToken)).toHaveLength(3);
  });
});
