import type { Edit } from './keyboard.ts';

/** A document with a cursor, and what changed in it since the last request. */
export interface TypedPlace {
  readonly text: string;
  readonly offset: number;
  readonly position: { readonly line: number; readonly character: number };
  readonly edits: readonly Edit[];
}

/** What a request gave and cost. */
export interface TypingAnswer {
  /** Until there is something to show: a first line, or with a rival the whole answer, which its editor waits for. */
  readonly durationMs: number;
  readonly text: string;
  readonly prefilledTokens: number;
  readonly generatedTokens: number;
}

/** What a request took of a model. */
export type TokenWork = Pick<TypingAnswer, 'prefilledTokens' | 'generatedTokens'>;

export const noWork: TokenWork = { prefilledTokens: 0, generatedTokens: 0 };

/** One of the programs that a trace is typed in. */
export interface TypingSide {
  readonly name: string;
  readonly processId: number;
  ask(place: TypedPlace, signal: AbortSignal): Promise<TypingAnswer>;
  /** Asks for what follows its last answer, which it gave at this place, as its editor does while that is on display. */
  follow(place: TypedPlace, signal: AbortSignal): Promise<TokenWork>;
  /** Tokens of prompts that it has read by itself since it was asked. */
  idleTokens(): Promise<number>;
  stop(): Promise<void>;
}

/** A file as a side is given it when it is opened. */
export interface TypedFile {
  readonly uri: string;
  readonly name: string;
  readonly languageId: string;
  readonly text: string;
}
