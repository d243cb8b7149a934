import type { ThinkingMarkers } from '../../../protocol/thinking.ts';
import { choiceGrammar } from '../choiceGrammar.ts';
import type { WriteRequest } from './textServer.ts';

/** llama-server draws a seed of its own for this one. */
const randomSeed = 0xffff_ffff;

/** Samplers with which llama-server draws as the engine of this machine does: nothing is punished, nothing left out. */
const samplers = ['top_k', 'top_p', 'min_p', 'temperature'] as const;

/** Members of a completion request that say how tokens are drawn. Pure. */
export function samplingOf({ sampler, seed }: Pick<WriteRequest, 'sampler' | 'seed'>): object {
  const { temperature, topK, topP, minP } = sampler;
  const own = { seed: seed === randomSeed ? 0 : seed };
  // Of the ways to be greedy this one costs the server least: any chain of samplers sorts first.
  if (temperature <= 0) return { ...own, samplers: ['top_k'], top_k: 1 };
  return { ...own, samplers, temperature, top_k: topK, top_p: topP, min_p: minP };
}

/**
 * Control tokens that tell a thought from an answer: a server sends their texts only where it is asked to. Pure; empty for a
 * model without a thought of its own.
 */
export function preservedTokens(thinking: Pick<ThinkingMarkers, 'open' | 'close'> | null): readonly string[] {
  if (thinking === null) return [];
  return `${thinking.open}${thinking.close}`.match(/<[^<>\s]+>|\[\/?[A-Z]+\]/g) ?? [];
}

/** Members that say what the text must be; none where it may be anything. Pure. */
export function constraintOf({
  grammar,
  choices,
  mustBeginWith = '',
}: Pick<WriteRequest, 'grammar' | 'choices' | 'mustBeginWith'>): object {
  if (grammar !== undefined) return { grammar };
  if (choices !== undefined) return { grammar: choiceGrammar(choices) };
  if (mustBeginWith === '') return {};
  return { grammar: `root ::= "${literal(mustBeginWith)}" rest\nrest ::= [^\\x00]*` };
}

/** A text within the quotes of a GBNF literal. */
function literal(text: string): string {
  return Array.from(text, escaped).join('');
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 ? `\\x${code.toString(16).padStart(2, '0')}` : character;
}
