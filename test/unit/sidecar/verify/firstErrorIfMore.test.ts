import { expect, test } from 'vitest';
import { firstErrorIfMore } from '../../../../sidecar/verify/firstErrorIfMore.ts';
import { shippedParser } from '../../../support/machine/shippedGrammars.ts';

const before = 'def add(a, b):\n    return a + b\n';
const broken = 'def add(a, b:\n    return a + b\n';
const python = { languageId: 'python', before };

test('a change that the grammar cannot take is found', async () => {
  expect(await firstErrorIfMore(shippedParser, { ...python, after: broken })).toMatchObject({ line: 1 });
});

test('a change that parses, and one of a file that was broken already, are let pass', async () => {
  expect(await firstErrorIfMore(shippedParser, { ...python, after: before.replace('+', '-') })).toBeNull();
  const asBroken = { ...python, before: broken, after: broken.replace('+', '-') };
  expect(await firstErrorIfMore(shippedParser, asBroken)).toBeNull();
});

test('a file that was broken already may not get more errors', async () => {
  const one = 'x = = 1\ny = 2\nz = 3\n';
  const more = { languageId: 'python', before: one, after: one.replace('y =', 'y = =') };
  expect(await firstErrorIfMore(shippedParser, more)).toMatchObject({ line: 1 });
});

test('nothing is said of a language without a grammar', async () => {
  const text = { languageId: 'cobol', before, after: broken };
  expect(await firstErrorIfMore(shippedParser, text)).toBeNull();
  expect(await firstErrorIfMore(null, { ...python, after: broken })).toBeNull();
});
