import type { CandidateEnd } from '../../../protocol/traceEvent.ts';
import type { SamplingPlan } from '../sampleQuestions.ts';

/** What decides the samples of a value set. `samples` counts all of a question: none is greedy. */
export interface ValuePlan extends SamplingPlan {
  /** Whether every thought begins at its first step, by the cue that the product puts there. */
  readonly skipPreamble: boolean;
}

/** What all samples of one value set have in common. */
export interface ValueSetHeader {
  readonly type: 'valueSet';
  readonly version: number;
  readonly modelHash: string;
  readonly modelName: string;
  readonly hiddenSize: number;
  /** Hash of a prompt without a question: samples under another instruction or template are other samples. */
  readonly promptHash: string;
  readonly plan: ValuePlan;
}

/** Where in a candidate a last-layer state was read. */
export interface StatePoint {
  /** `lineEnd` at a token that ends a line; `answer` at the last token of the answer. */
  readonly place: 'lineEnd' | 'answer';
  /** Generated tokens up to there; cues are left out. */
  readonly generatedTokens: number;
  /** Characters of the text up to there; cues are included. */
  readonly characters: number;
  /** Entropies of the generated tokens since the point before, added up. */
  readonly entropyNats: number;
}

/** One sampled candidate with its label. */
export interface ValueCandidate {
  readonly isCorrect: boolean;
  /** Canonical, or null where none could be read. */
  readonly answer: string | null;
  readonly end: CandidateEnd;
  /** Whether the thought was closed at its cap, or the answer was not finished. */
  readonly isCutOff: boolean;
  readonly thoughtTokens: number;
  readonly answerTokens: number;
  /** Everything after the prompt. */
  readonly text: string;
  /** In the order of the text. */
  readonly points: readonly StatePoint[];
}

/** A question with its candidates, without their states. */
export interface ValueQuestion {
  readonly id: string | number;
  readonly questionHash: string;
  readonly promptTokens: number;
  readonly candidates: readonly ValueCandidate[];
}

/** The same with its states: of the prompt's last token first, then of each point of each candidate in turn. */
export interface StatedQuestion extends ValueQuestion {
  readonly states: readonly Float32Array[];
}

/** States that a question has. Pure. */
export function stateCount({ candidates }: ValueQuestion): number {
  return candidates.reduce((sum, { points }) => sum + points.length, 1);
}

const valueSetVersion = 1;

export function valueSetHeader(members: Omit<ValueSetHeader, 'type' | 'version'>): ValueSetHeader {
  return { type: 'valueSet', version: valueSetVersion, ...members };
}
