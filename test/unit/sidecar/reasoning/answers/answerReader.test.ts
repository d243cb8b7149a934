import { describe, expect, it } from 'vitest';
import { thinkingTable } from '../../../../../protocol/thinkingTable.ts';
import {
  answerReaderFor,
  codeReader,
  valueReader,
} from '../../../../../sidecar/reasoning/answers/answerReader.ts';

const program = 'def double(n):\n    return 2 * n';
const block = `\`\`\`python\n${program}\n\`\`\``;
const use = '```python\nprint(double(2))\n```';
const commented = '/**\n * Final answer: the sum.\n */\nconst add = (a, b) => a + b;';
const printing = '```python\nprint(f"Final answer: {double(2)}")\n```';

describe('the answer to a request for code', () => {
  it.each([
    ['a program with a use of it', `Here:\n${block}\nUse it:\n${use}\nTherefore it prints 4.`, program],
    ['a program and a remark on it', `${block}\nFinal answer: double(n) = 2n`, program],
    ['a program behind the marker', `Let me see.\nFinal answer: ${block}`, program],
    ['one that prints the marker', printing, 'print(f"Final answer: {double(2)}")'],
    ['no code', 'Final answer: 4', null],
    ['one with a comment that begins with the marker', `\`\`\`js\n${commented}\n\`\`\``, commented],
    ['a program that breaks off', '```python\ndef double(n):', null],
    ['an empty block', '```\n\n```\nFinal answer: 4', null],
  ])('of %s', (_what, text, answer) => {
    const from = text.lastIndexOf('Final answer:') + 1;
    expect(codeReader.read(text, 0)).toBe(answer);
    expect(codeReader.read(text, from)).toBe(answer);
  });

  it.each([
    ['a block is open', 'Final answer: ```python\ndef double(n):\n', false],
    ['it is a block', `Final answer: ${block}\n`, true],
    ['it is a remark on code that stands before', `${block}\nFinal answer: see above\n`, true],
    ['nothing stands behind the marker yet', `${block}\nFinal answer:\n`, false],
    ['there is no code at all', 'Final answer: def double(n):\n', false],
  ])('is whole or not where %s', (_what, text, isWhole) => {
    const from = text.indexOf('Final answer:') + 'Final answer:'.length;
    expect(codeReader.isWhole(text, from)).toBe(isWhole);
  });
});

const unmarked = { markers: null, inText: null };

describe('the answer to any other question', () => {
  it('is what is marked, and not the code in which it was worked out', () => {
    expect(valueReader.read(`${block}\nFinal answer: 4`, `${block}\nFinal answer:`.length)).toBe('4');
  });

  it('is no example from the thought where the answer is a sentence', () => {
    const marker = 'Final answer:';
    const stated = `${block}\n${marker} A closure is a function that keeps the scope in which it was made.`;
    expect(valueReader.read(stated, stated.indexOf(marker) + marker.length)).toBeNull();
    // Where the answer was never begun, code is what there is.
    const cut = `${block}\n${marker}`;
    expect(valueReader.read(cut, cut.length)).not.toBeNull();
  });

  it('is read so unless the question asks for code', () => {
    expect(answerReaderFor('Write a function that doubles a number.', unmarked)).toBe(codeReader);
    expect(answerReaderFor('What is 2 times 2?', unmarked)).toBe(valueReader);
  });
});

describe('the answer of a server that writes thought and answer as one text', () => {
  const reader = answerReaderFor('What is 2 times 2?', { markers: null, inText: thinkingTable.think });

  it('is in no part of the thought', () => {
    const text = '<think>\nFinal answer: 5? No.\n</think>\n\nFinal answer: 4';
    expect(reader.read(text, 0)).toBe('4');
    expect(reader.shown(text)).toBe('Final answer: 4');
  });

  it('is none where the thought never closes', () => {
    expect(reader.read('<think>\nFinal answer: 5', 0)).toBeNull();
    expect(reader.shown('<think>\nFinal answer: 5')).toBe('');
  });

  it('is the whole text where nothing was thought', () => {
    expect(reader.shown('The tag <think> begins it. Final answer: 4')).toContain('The tag');
    expect(reader.read('The tag <think> begins it. Final answer: 4', 0)).toBe('4');
  });
});
