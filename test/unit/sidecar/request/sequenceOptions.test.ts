import { describe, expect, it } from 'vitest';
import { questionClass, sequenceOptionsFor } from '../../../../sidecar/request/sequenceOptions.ts';

describe('sequenceOptionsFor', () => {
  it('decodes reproducibly for who names a seed', () => {
    expect(sequenceOptionsFor('background', 'chat', 7)).toEqual({
      priority: 'background',
      requestClass: 'chat',
      isReproducible: true,
      shiftsContext: false,
    });
    expect(sequenceOptionsFor('interactive', 'completion', undefined).isReproducible).toBe(false);
  });
});

describe('questionClass', () => {
  it('takes code that is to be changed for an edit', () => {
    expect(questionClass('Rename total to amount.', true)).toBe('edit');
    expect(questionClass('Please add type hints:\n```python\nx = 1\n```', false)).toBe('edit');
  });

  it('takes everything else for a chat', () => {
    expect(questionClass('What does this do?', true)).toBe('chat');
    expect(questionClass('Rename Peking to Beijing in this sentence.', false)).toBe('chat');
    expect(questionClass('Why does addition overflow here?', true)).toBe('chat');
  });
});
