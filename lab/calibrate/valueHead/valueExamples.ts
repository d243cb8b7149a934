import {
  earlierAnswers,
  valueFeatures,
  type ValuePlace,
} from '../../../sidecar/reasoning/value/valueFeatures.ts';
import { spreadOver } from '../../numeric/spreadOver.ts';
import { scoresOf, type ValueBasis } from '../valueSet/valueBasis.ts';
import type { ScoredQuestion } from '../valueSet/packedValueSet.ts';
import type { StatedQuestion, StatePoint, ValueCandidate } from '../valueSet/valueQuestion.ts';

/** A point of a candidate that a value head is fitted to. */
export interface ValueExample {
  /** Number of its question in the set, from 0. */
  readonly question: number;
  /** Number of its candidate in the question, from 0. */
  readonly candidate: number;
  readonly place: ValuePlace;
  /** Whether the candidate's answer is right. */
  readonly isCorrect: boolean;
  /** How much it counts: a candidate's line ends count 1 together, and its answer 1, so that long thoughts count no more. */
  readonly weight: number;
  /** Scores of the state on the set's principal components. */
  readonly scores: Float32Array;
  /** As `valueFeatureNames` has them. */
  readonly features: readonly number[];
}

/** Line ends of a candidate that are taken at most, evenly spread: those beside one another say nearly the same. */
const mostLineEnds = 5;

/** Scores of a question's states, not rounded. Pure. */
export function scoredBy(basis: ValueBasis): (question: StatedQuestion) => ScoredQuestion {
  return ({ states, ...question }) => ({
    ...question,
    scores: states.map((state) => scoresOf(state, basis)),
  });
}

/**
 * The points of a question's candidates: up to `mostLineEnds` line ends, and the answer where one could be read. The votes that a point knows of
 * are those of the candidates before its own in `order`; the set's order where it is not given. Pure.
 */
export function valueExamplesOf(
  { candidates, scores }: ScoredQuestion,
  question: number,
  order: readonly number[] = candidates.map((_, index) => index),
): readonly ValueExample[] {
  const firstStates = startsOf(candidates);
  return order.flatMap((candidate, place) => {
    const one = candidates[candidate];
    if (one === undefined) return [];
    const earlier = order.slice(0, place).map((index) => voteOf(candidates[index]));
    const own = voteOf(one);
    const taken = takenLineEnds(one.points);
    let entropyNats = 0;
    return one.points.flatMap((point, index): readonly ValueExample[] => {
      entropyNats += point.entropyNats;
      const state = scores[(firstStates[candidate] ?? 0) + index];
      const isAnswer = point.place === 'answer';
      if (state === undefined || (isAnswer ? own === null : !taken.has(index))) return [];
      const { generatedTokens } = point;
      const votes = earlierAnswers(earlier, isAnswer ? own : null);
      return [
        {
          question,
          candidate,
          place: point.place,
          isCorrect: one.isCorrect,
          weight: isAnswer ? 1 : 1 / taken.size,
          scores: state,
          features: valueFeatures({ place: point.place, generatedTokens, entropyNats }, votes),
        },
      ];
    });
  });
}

/** Numbers of the points at line ends that are taken. */
function takenLineEnds(points: readonly StatePoint[]): ReadonlySet<number> {
  const lineEnds = points.flatMap(({ place }, index) => (place === 'lineEnd' ? [index] : []));
  return new Set(spreadOver(lineEnds, mostLineEnds, () => 1));
}

/** The answer that a candidate votes for: one that was cut off has no vote. Null for none. Pure. */
export function voteOf(candidate: Pick<ValueCandidate, 'answer' | 'end'> | undefined): string | null {
  return candidate?.end === 'finished' ? candidate.answer : null;
}

/** Where each candidate's states begin: the prompt's comes first. */
function startsOf(candidates: ScoredQuestion['candidates']): readonly number[] {
  let next = 1;
  return candidates.map(({ points }) => {
    const start = next;
    next += points.length;
    return start;
  });
}
