import { expect, it } from 'vitest';
import { typingLatencyMs } from '../../../protocol/typingLatency.ts';

it('adds reading what a key has changed and writing the first line', () => {
  expect(typingLatencyMs({ prefillTokensPerSecond: 320, decodeTokensPerSecond: 80 })).toBe(200);
  expect(typingLatencyMs({ prefillTokensPerSecond: 160, decodeTokensPerSecond: 40 })).toBe(400);
});
