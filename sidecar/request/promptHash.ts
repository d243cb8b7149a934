import { createHash } from 'node:crypto';
import type { TokenId } from '../engine/engine.ts';

/** SHA-256 of a prompt that is one text, as UTF-8: what a question's trace names its prompt by. */
export function hashPromptText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * SHA-256 of token ids as 32-bit little-endian integers: what a completion's trace names its prompt by. Its prompt
 * has no text of its own, since tokens are cut off its sides and control tokens put between them.
 */
export function hashPromptTokens(tokens: readonly TokenId[]): string {
  const bytes = Buffer.alloc(tokens.length * 4);
  for (const [index, token] of tokens.entries()) bytes.writeInt32LE(token, index * 4);
  return createHash('sha256').update(bytes).digest('hex');
}
