import type { ModelPace } from './health.ts';

/** Tokens of a prompt that a key has changed, and tokens until a line can be shown: what typing at one place usually takes. */
const readTokens = 32;
const writtenTokens = 8;

/** About how long after a key a first text can be shown, before any was: milliseconds, where the prompt is in the cache. Pure. */
export function typingLatencyMs({ prefillTokensPerSecond, decodeTokensPerSecond }: ModelPace): number {
  return (1000 * readTokens) / prefillTokensPerSecond + (1000 * writtenTokens) / decodeTokensPerSecond;
}
