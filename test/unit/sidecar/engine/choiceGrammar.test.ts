import { expect, test } from 'vitest';
import { choiceGrammar } from '../../../../sidecar/engine/choiceGrammar.ts';

test('a choice of texts is a grammar of just these', () => {
  expect(choiceGrammar(['yes', 'no'])).toBe('root ::= "yes" | "no"');
  expect(choiceGrammar(['a "b"', 'c\\d', 'e\nf'])).toBe(String.raw`root ::= "a \"b\"" | "c\\d" | "e\nf"`);
});
