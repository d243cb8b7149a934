import { expect, it } from 'vitest';
import { endsLine } from '../../../../sidecar/engine/lineEnd.ts';

it.each([
  ['.\n', ' pounds', true],
  ['\n\n', ' pounds', true],
  ['\n', '', true],
  ['\n', '.\n', false],
  ['  \n', '\n', false],
  ['x\n', '\n', true],
  [' pounds', '.\n', false],
  ['', '', false],
])('takes %j after %j as a line end: %j', (text, before, expected) => {
  expect(endsLine(text, before)).toBe(expected);
});
