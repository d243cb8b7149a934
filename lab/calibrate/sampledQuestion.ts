import type { CandidateEnd } from '../../protocol/traceEvent.ts';
import { mean } from '../../sidecar/numeric/mean.ts';
import type { QuestionScatter } from './difficultyLabels.ts';

/** One answer of the model to a question. */
export interface AnswerSample {
  /** 0 for the greedy one. */
  readonly temperature: number;
  readonly isCorrect: boolean;
  /** Canonical, or null where none could be read. */
  readonly answer: string | null;
  readonly end: CandidateEnd;
  readonly thoughtTokens: number;
  readonly answerTokens: number;
  /** Over all generated tokens; 0 where there is none. */
  readonly meanEntropyNats: number;
  /** Everything after the prompt. */
  readonly text: string;
}

/** All that calibration keeps of a question. */
export interface SampledQuestion {
  readonly id: string | number;
  readonly questionHash: string;
  readonly promptTokens: number;
  /** Last-layer state of the prompt's last token. */
  readonly state: Float32Array;
  /** Entropies of the tokens that open the greedy answer, at most `probePrefixTokens`: what the entropy rule reads. */
  readonly openingEntropyNats: readonly number[];
  /** The greedy one first. */
  readonly samples: readonly AnswerSample[];
}

/** Share of right answers and mean entropy of the samples, the greedy one among them. Pure. */
export function scatterOf({ samples }: Pick<SampledQuestion, 'samples'>): QuestionScatter {
  return {
    correctShare: mean(samples.map(({ isCorrect }) => (isCorrect ? 1 : 0))),
    meanEntropyNats: mean(samples.map(({ meanEntropyNats }) => meanEntropyNats)),
  };
}
