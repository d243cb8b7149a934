import { expect, test } from 'vitest';
import { strategyTable } from '../../../protocol/strategyTable.ts';

test('auto takes whatever changes what a strategy does that it may choose', () => {
  const [auto, ...others] = strategyTable;
  const all = new Set<string>(others.flatMap(({ parameters }) => [...parameters]));
  expect(new Set<string>(auto.parameters)).toEqual(all);
});
