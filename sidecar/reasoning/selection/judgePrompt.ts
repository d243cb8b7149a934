import type { ChatMessage } from '../../engine/engine.ts';
import { fenced } from '../../prompts/chatPrompt.ts';

const systemPrompt = 'You judge answers. Be strict: an answer is right or wrong whatever its style.';

const fewestChecks = 2;
const mostChecks = 5;
const longestCheck = 100;
const highestScore = 10;

/** Generated tokens that a verdict on this many candidates takes at most, checklist and all. */
export function verdictTokens(candidateCount: number): number {
  return 16 + mostChecks * (longestCheck / 2) + 4 * candidateCount;
}

/**
 * Puts all candidates to the judge at once: a checklist of what a right answer must do before any number, so that all
 * are measured by the same, then one number each (CHOPS, arXiv 2506.20544).
 */
export function judgeMessages(question: string, candidates: readonly string[]): readonly ChatMessage[] {
  const shown = candidates.map((text, index) => `Candidate ${index + 1}:\n${fenced(text, '')}`);
  const wanted =
    `First write a checklist: ${fewestChecks} to ${mostChecks} short points by which a right answer to the question is ` +
    `told from a wrong one. Then hold each of the ${candidates.length} candidates against it and give it a score from ` +
    `0 (wrong) to ${highestScore} (surely right), in their order. Reply with nothing but JSON: ` +
    '{"checklist": ["point", "point"], "scores": [number, number]}';
  const parts = [
    'A question and candidate answers to it.',
    `Question:\n${fenced(question, '')}`,
    ...shown,
    wanted,
  ];
  return [
    { role: 'system', content: systemPrompt },
    { role: 'user', content: parts.join('\n\n') },
  ];
}

/** What a verdict on this many candidates may look like, in GBNF. */
export function verdictGrammar(candidateCount: number): string {
  const others = candidateCount - 1;
  return [
    String.raw`root ::= "{\"checklist\": [" point (", " point){${fewestChecks - 1},${mostChecks - 1}} "], \"scores\": [" score (", " score){${others}} "]}"`,
    String.raw`point ::= "\"" [A-Za-z0-9] [^"\\\x00-\x1F]{3,${longestCheck}} "\""`,
    `score ::= [0-9] | "${highestScore}"`,
  ].join('\n');
}

export interface Verdict {
  readonly checklist: readonly string[];
  /** 0 to 10, in the order in which the candidates were shown. */
  readonly scores: readonly number[];
}

/** A verdict as it was written, or null for a text that is none: cut off, out of range, or of another number of scores. */
export function parseVerdict(text: string, candidateCount: number): Verdict | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { checklist, scores } = value as { readonly checklist?: unknown; readonly scores?: unknown };
  if (!isListOf(checklist, isText) || !isListOf(scores, isScore)) return null;
  return scores.length === candidateCount ? { checklist, scores } : null;
}

function isListOf<T>(value: unknown, isMember: (member: unknown) => member is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isMember);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isScore(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= highestScore;
}
