import { expect, it } from 'vitest';
import {
  identifiersIn,
  identifierTerms,
  termCounts,
} from '../../../../sidecar/otherFiles/identifierTerms.ts';

it.each([
  ['readFileSync(path)', ['readfilesync', 'read', 'file', 'sync', 'path']],
  ['HTTPServer', ['httpserver', 'http', 'server']],
  ['max_token_count', ['max_token_count', 'max', 'token', 'count']],
  ['utf8Text', ['utf8text', 'utf8', 'text']],
  ['x = 12 + $y', ['$y']],
  ['größeÄndern', ['größeändern', 'größe', 'ändern']],
  ['', []],
])('splits %j into what a search compares', (text, terms) => {
  expect(identifierTerms(text)).toEqual(terms);
});

it('counts terms, and keeps identifiers as they are written', () => {
  expect(termCounts(['a', 'b', 'a'])).toEqual(
    new Map([
      ['a', 2],
      ['b', 1],
    ]),
  );
  expect(identifiersIn('Foo.bar(foo)')).toEqual(['Foo', 'bar', 'foo']);
});
