import { expect, test } from 'vitest';
import { capabilityTiers } from '../../../../../sidecar/engine/scripted/capabilityTiers.ts';
import {
  entropyRule,
  estimatorFor,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';

const own = entropyRule(uncalibratedThresholds);
const evidence = {
  probePrefixEntropyNats: Array.from({ length: 32 }, () => 0.9),
  hasEnded: false,
  promptState: null,
};

test('a model of this machine keeps its own judge', () => {
  expect(estimatorFor(own, capabilityTiers.local)).toBe(own);
});

test('a server is judged by lower bounds, with thresholds of their own', async () => {
  const bounds = { ...evidence, probePrefixEntropyNats: Array.from({ length: 32 }, () => 0.49) };
  const judged = await estimatorFor(own, capabilityTiers.llamaServer).estimate(bounds);
  expect(judged).toMatchObject({ difficulty: 'hard', source: 'entropyRule' });
  expect(judged.why).toContain('is at least 0.49 nats (easy up to 0.116, hard from 0.485; uncalibrated)');
  const exact = await own.estimate(bounds);
  expect(exact.difficulty).toBe('normal');
  expect(exact.why).not.toContain('at least');
});

test('a server without probabilities judges nothing, and reads no token for it', async () => {
  const judge = estimatorFor(own, capabilityTiers.chatOnly);
  expect(judge.probePrefixTokens(null)).toBe(0);
  const judged = await judge.estimate({ ...evidence, probePrefixEntropyNats: [] });
  expect(judged).toMatchObject({ difficulty: 'normal', meanEntropyNats: null });
});
