import { expect, it } from 'vitest';
import { LatestEntries } from '../../../protocol/latestEntries.ts';

it('drops the entries that were set longest ago', () => {
  const entries = new LatestEntries<string, number>(2);
  entries.set('a', 1).set('b', 2).set('a', 3);
  expect([...entries]).toEqual([
    ['b', 2],
    ['a', 3],
  ]);
  entries.set('c', 4);
  expect([...entries.keys()]).toEqual(['a', 'c']);
});
