import type { TokenColumns, TokenSource } from '../../protocol/traceEvent.ts';
import type { CandidateState } from '../../protocol/traceState.ts';

export interface AlternativeFact {
  readonly text: string;
  /** 0…1, over the whole vocabulary. */
  readonly probability: number;
  readonly isChosen: boolean;
}

/** All that is known of one token, ready to be shown. */
export interface TokenFacts {
  readonly index: number;
  readonly text: string;
  readonly purpose: 'thought' | 'answer';
  readonly probability: number;
  readonly logprob: number;
  /** The lower bound where `entropyUpperNats` is not null. */
  readonly entropyNats: number;
  /** Upper bound of an entropy that is known as an interval; null for an exact one. */
  readonly entropyUpperNats: number | null;
  readonly varentropy: number;
  readonly margin: number;
  readonly source: TokenSource;
  /** Most likely first. Ends with the chosen token when it is not among the most likely ones. */
  readonly alternatives: readonly AlternativeFact[];
}

/** Facts of a candidate's token, or null when it has no such token. */
export function tokenFacts(candidate: CandidateState, index: number): TokenFacts | null {
  const { tokens } = candidate;
  const id = tokens.ids[index];
  const text = tokens.texts[index];
  const logprob = tokens.logprobs[index];
  if (id === undefined || text === undefined || logprob === undefined) return null;
  const ranked = [...(tokens.alternatives[index] ?? [])].sort((a, b) => b.logprob - a.logprob);
  const alternatives = ranked.map((alternative) => ({
    text: alternative.text,
    probability: Math.exp(alternative.logprob),
    isChosen: alternative.id === id,
  }));
  const probability = Math.exp(logprob);
  return {
    index,
    text,
    purpose: purposeAt(candidate, index),
    probability,
    logprob,
    entropyNats: tokens.entropyNats[index] ?? 0,
    entropyUpperNats: upperBoundAt(tokens, index),
    varentropy: tokens.varentropy[index] ?? 0,
    margin: tokens.margins[index] ?? 0,
    source: tokens.sources[index] ?? 'model',
    alternatives: alternatives.some((alternative) => alternative.isChosen)
      ? alternatives
      : [...alternatives, { text, probability, isChosen: true }],
  };
}

/** Upper bound of a token's entropy; null where it is exact. */
export function upperBoundAt({ entropyNats, entropyUpperNats }: TokenColumns, index: number): number | null {
  const upper = entropyUpperNats?.[index];
  return upper === undefined || upper === entropyNats[index] ? null : upper;
}

/** A token's text with its white space made visible. */
export function visibleText(text: string): string {
  if (text === '') return '(no text)';
  return text.replaceAll(' ', '␣').replaceAll('\n', '⏎').replaceAll('\r', '␍').replaceAll('\t', '⇥');
}

function purposeAt(candidate: CandidateState, index: number): 'thought' | 'answer' {
  for (const segment of candidate.segments) {
    if (segment.type === 'generated' && index >= segment.from && index < segment.to) return segment.purpose;
  }
  return 'answer';
}
