import { expect, test } from 'vitest';
import type { CodeParser } from '../../../../sidecar/verify/codeParser.ts';
import { addedSyntaxError, readingOfChange } from '../../../../sidecar/verify/addedSyntaxError.ts';
import { shippedParser } from '../../../support/machine/shippedGrammars.ts';

const before = 'def add(a, b):\n    return a + b\n';
const broken = 'def add(a, b:\n    return a + b\n';
const python = { languageId: 'python', before };

test('a change that the grammar cannot take is found', async () => {
  expect(await addedSyntaxError(shippedParser, { ...python, after: broken })).toMatchObject({ line: 1 });
});

test('a change that parses, and one of a file that was broken already, are let pass', async () => {
  expect(await addedSyntaxError(shippedParser, { ...python, after: before.replace('+', '-') })).toBeNull();
  const asBroken = { ...python, before: broken, after: broken.replace('+', '-') };
  expect(await addedSyntaxError(shippedParser, asBroken)).toBeNull();
});

test('a file that was broken already may not get more errors', async () => {
  const one = 'x = = 1\ny = 2\nz = 3\n';
  const more = { languageId: 'python', before: one, after: one.replace('y =', 'y = =') };
  expect(await addedSyntaxError(shippedParser, more)).toMatchObject({ line: 1 });
});

test('nothing is said where the document before cannot be read in time', async () => {
  const late: CodeParser = {
    read: async (code, replaced) =>
      code.text === before ? { unread: 'it took longer than 500 ms' } : shippedParser.read(code, replaced),
  };
  expect(await addedSyntaxError(late, { ...python, after: broken })).toBeNull();
  expect(await readingOfChange(late, { ...python, after: broken })).toHaveProperty('unread');
});

test('nothing is said of a language without a grammar', async () => {
  const text = { languageId: 'cobol', before, after: broken };
  expect(await addedSyntaxError(shippedParser, text)).toBeNull();
  expect(await addedSyntaxError(null, { ...python, after: broken })).toBeNull();
});
