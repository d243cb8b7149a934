import { expect, test } from 'vitest';
import { counted, nounFor } from '../../../protocol/counted.ts';

test('a count has its noun in the right number', () => {
  expect([0, 1, 2].map((count) => counted(count, 'token'))).toEqual(['0 tokens', '1 token', '2 tokens']);
  expect(counted(12_345, 'token', (count) => count.toLocaleString('en'))).toBe('12,345 tokens');
  expect(nounFor(1, 'row')).toBe('row');
});
