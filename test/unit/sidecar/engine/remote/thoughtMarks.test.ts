import { describe, expect, it } from 'vitest';
import { ThoughtMarks } from '../../../../../sidecar/engine/remote/thoughtMarks.ts';

const token = (text: string) => ({ text, logprob: null, top: [] });
const textOf = (tokens: readonly { readonly text: string }[]): string =>
  tokens.map((each) => each.text).join('');

describe('marks of a thought that a server sends apart', () => {
  it('go around it where its end and the answer come in one event', () => {
    const marks = new ThoughtMarks('');
    const event = { thought: 'let me see', text: 'four' };
    const tokens = marks.around([token('let me'), token(' see'), token('four')], event);
    expect(textOf(tokens)).toBe('<think>\nlet me see\n</think>\n\nfour');
    expect(tokens).toHaveLength(3);
  });

  it.each(['<think>\n', '<think>\nlet me see,', 'First.</think><think>'])(
    'have no opening where the prompt has opened the thought: %j',
    (begun) => {
      const marks = new ThoughtMarks(begun);
      const tokens = [
        ...marks.around([token('so')], { thought: 'so', text: '' }),
        ...marks.around([token('four')], { thought: '', text: 'four' }),
      ];
      expect(textOf(tokens)).toBe('so\n</think>\n\nfour');
    },
  );

  it('have an opening again where the thought before it is closed', () => {
    const marks = new ThoughtMarks('<think>\nlet me see\n</think>\n\n');
    expect(textOf(marks.around([token('so')], { thought: 'so', text: '' }))).toBe('<think>\nso');
  });
});
