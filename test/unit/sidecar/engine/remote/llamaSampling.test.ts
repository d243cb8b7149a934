import { expect, test } from 'vitest';
import { thinkingTable } from '../../../../../protocol/thinkingTable.ts';
import { preservedTokens } from '../../../../../sidecar/engine/remote/llamaSampling.ts';

test('the control tokens around a thought are asked for with their texts', () => {
  expect(preservedTokens(null)).toEqual([]);
  expect(preservedTokens(thinkingTable.think)).toEqual(['<think>', '</think>']);
  expect(preservedTokens(thinkingTable.mistralThink)).toEqual(['[THINK]', '[/THINK]']);
  expect(preservedTokens(thinkingTable.gemmaChannel)).toEqual(['<|channel>', '<channel|>']);
  const channels = ['<|channel|>', '<|message|>', '<|channel|>', '<|message|>'];
  expect(preservedTokens(thinkingTable.harmony)).toEqual(channels);
});
