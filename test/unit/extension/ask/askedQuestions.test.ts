import { describe, expect, it } from 'vitest';
import { AskedQuestions } from '../../../../extension/ask/askedQuestions.ts';

const attachments = [{ languageId: 'python', path: 'src/orders.py', text: 'return 1' }];

describe('AskedQuestions', () => {
  it('knows with which code a question was asked, and nothing of others', () => {
    const asked = new AskedQuestions();
    asked.remember('r1', { question: 'What is this?', attachments });
    expect(asked.of('r1')).toEqual({ question: 'What is this?', attachments });
    expect(asked.of('r2')).toBeNull();
  });

  it('has the code of a question, then of those that it follows on', () => {
    const asked = new AskedQuestions();
    asked.remember('r1', { question: 'What is this?', attachments });
    asked.remember('r2', { question: 'Why?', follows: 'r1' });
    asked.remember('r3', { question: 'And now?', follows: 'r2' });
    expect(asked.attachmentsAlong('r3')).toEqual([[], [], attachments]);
    const others = [{ languageId: 'python', path: 'src/items.py', text: 'return 2' }];
    asked.remember('r4', { question: 'And here?', follows: 'r3', attachments: others });
    expect(asked.attachmentsAlong('r4')).toEqual([others, [], [], attachments]);
    expect(asked.attachmentsAlong('r9')).toEqual([[]]);
  });

  it('forgets the oldest of many', () => {
    const asked = new AskedQuestions();
    for (let id = 0; id < 60; id++) asked.remember(`r${id}`, { question: `${id}` });
    expect(asked.of('r0')).toBeNull();
    expect(asked.of('r10')).toEqual({ question: '10' });
    expect(asked.of('r59')).toEqual({ question: '59' });
  });
});
