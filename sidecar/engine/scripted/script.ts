import type { Alternative, TokenSource } from '../../../protocol/traceEvent.ts';
import type { GenerateRequest } from '../engine.ts';

/** A token that the script has the model generate. What is left out takes a fixed, plausible value. */
export interface ScriptedToken {
  readonly text: string;
  readonly entropyNats?: number;
  readonly logprob?: number;
  readonly varentropy?: number;
  readonly margin?: number;
  readonly alternatives?: readonly Alternative[];
  readonly source?: TokenSource;
}

/** What one generation writes when nothing stops it before; then the model ends by itself. Text is cut into words. */
export type ScriptedPart = string | readonly (string | ScriptedToken)[];

/** What is known where a generation begins. */
export interface ScriptSituation {
  /** Which sequence of the model generates: 0, 1, 2 … in order of opening and forking. */
  readonly sequence: number;
  /** Generations of this sequence before this one. */
  readonly call: number;
  /** All text of the sequence so far, prompt and cues included. */
  readonly text: string;
  /** Its grammar is the script's to keep to: a part that breaks it plays an engine that cannot hold it. */
  readonly request: GenerateRequest;
}

/** Plays the model. Must give the same for the same situation; may throw to play a failing engine. */
export type Script = (situation: ScriptSituation) => ScriptedPart;

/**
 * A script by sequence: each has its own list of parts, one a generation, and ends by itself where they run out.
 */
export function scriptBySequence(sequences: readonly (readonly ScriptedPart[])[]): Script {
  return ({ sequence, call }) => sequences[sequence]?.[call] ?? '';
}

/** A part as single tokens: words with the space before them, and line ends by themselves. */
export function scriptedTokens(part: ScriptedPart): readonly ScriptedToken[] {
  const pieces: readonly (string | ScriptedToken)[] = typeof part === 'string' ? splitWords(part) : part;
  return pieces.map((piece) => (typeof piece === 'string' ? { text: piece } : piece));
}

/** How the scripted engine cuts text into tokens: control tokens, line ends, words with the space before them. */
export function splitWords(text: string): readonly string[] {
  return text.match(/<\|[^|>]*\|>|\n|[^\S\n]*(?:(?!<\|[^|>]*\|>)[^\s])+|[^\S\n]+/gu) ?? [];
}
