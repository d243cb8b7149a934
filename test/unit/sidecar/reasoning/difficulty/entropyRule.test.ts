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

test('a server is judged by lower bounds, and the log says that nobody has measured it', async () => {
  const judged = await estimatorFor(own, capabilityTiers.llamaServer).estimate(evidence);
  expect(judged).toMatchObject({ difficulty: 'hard', source: 'entropyRule' });
  expect(judged.why).toContain('is at least 0.90 nats');
  expect(judged.why).toContain('not measured for a server');
  expect((await own.estimate(evidence)).why).not.toContain('at least');
});

test('a server without probabilities judges nothing, and reads no token for it', async () => {
  const judge = estimatorFor(own, capabilityTiers.chatOnly);
  expect(judge.probePrefixTokens(null)).toBe(0);
  const judged = await judge.estimate({ ...evidence, probePrefixEntropyNats: [] });
  expect(judged).toMatchObject({ difficulty: 'normal', meanEntropyNats: null });
});
