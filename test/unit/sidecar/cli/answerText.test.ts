import { expect, it } from 'vitest';
import { answerText } from '../../../../sidecar/cli/answerText.ts';

it.each([
  ['the number behind the marker', '3 × 9 = 27.\nFinal answer: 27 pencils', '27', '27'],
  ['words as they were written', 'Clear.\n\nFinal answer: Paris, France', 'paris, france', 'Paris, France'],
  ['the last of several', 'Final answer: 3\nWait.\nFinal answer: 4', '4', '4'],
  ['code without its fence', 'So:\nFinal answer:\n```js\nf(1)\n```\nDone.', 'f(1)', 'f(1)'],
  [
    'all of a program that prints such words',
    'Here:\n```py\nprint("Final answer: ", f())\n```',
    'print("Final answer: ", f())',
    'Here:\n```py\nprint("Final answer: ", f())\n```',
  ],
  [
    'the program that was asked for, not the remark on it',
    'So:\n```js\nf(1)\n```\nFinal answer: above',
    'f(1)',
    'f(1)',
  ],
  ['everything where nothing is marked', ' One\ntwo \n', '2', 'One\ntwo'],
  ['what there is where nothing follows the marker', 'I am not sure.\nFinal answer:', null, 'I am not sure.'],
  [
    'words that are too many to be compared',
    'Step 1: Recall it.\n```js\nf(1)\n```\nFinal answer: A closure is a function.\nIt keeps its scope.',
    null,
    'A closure is a function.\nIt keeps its scope.',
  ],
  ['the answer alone where there is no text', '', '5', '5'],
  ['nothing where there is nothing', '', null, ''],
  ['nothing that steers a terminal', 'a\x1b[2Jb', null, 'a[2Jb'],
])('gives %s', (_what, text, answer, expected) => {
  expect(answerText({ text, answer })).toBe(expected);
});
