import { expect, test } from 'vitest';
import type { TokenStep } from '../../../../sidecar/engine/engine.ts';
import { toTokenColumns } from '../../../../sidecar/request/stepColumns.ts';

const step: TokenStep = {
  id: 3,
  text: 'a',
  logprob: -0.1,
  entropyNats: 0.4,
  varentropy: 0,
  margin: 0.5,
  alternatives: [],
  source: 'model',
};

test('a column of upper bounds is there only where an entropy is an interval', () => {
  expect(toTokenColumns([step])).not.toHaveProperty('entropyUpperNats');
  const bounded = toTokenColumns([step, { ...step, entropyUpperNats: 0.70000004 }]);
  expect(bounded.entropyNats).toEqual([0.4, 0.4]);
  expect(bounded.entropyUpperNats).toEqual([0.4, 0.7]);
});
