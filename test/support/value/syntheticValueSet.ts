import type { ScoredQuestion } from '../../../lab/calibrate/valueSet/packedValueSet.ts';
import type { StatePoint } from '../../../lab/calibrate/valueSet/valueQuestion.ts';
import { uniformAt } from '../../../sidecar/numeric/random.ts';

export interface SyntheticShape {
  readonly questionCount: number;
  readonly samples?: number;
  readonly componentCount?: number;
  /** How strongly the first component of the answer's state shows whether it is right; 0 hides it. */
  readonly signal: number;
  readonly seed?: number;
}

/**
 * A value set whose questions are of different difficulty. Right answers are "r"; wrong ones are of three kinds. The state at
 * the answer shows in its first component whether it is right, that at the last line end half as clearly, all else is noise.
 */
export function syntheticValueSet({
  questionCount,
  samples = 4,
  componentCount = 6,
  signal,
  seed = 7,
}: SyntheticShape): readonly ScoredQuestion[] {
  return Array.from({ length: questionCount }, (_, question): ScoredQuestion => {
    const chance = 0.1 + 0.8 * uniformAt(seed, question, 0);
    const drawn = Array.from({ length: samples }, (_sample, sample) => {
      const isCorrect = uniformAt(seed, question, 1 + sample) < chance;
      const wrong = `w${Math.floor(3 * uniformAt(seed, question, 50 + sample))}`;
      const thoughtTokens = 30 + Math.floor(40 * uniformAt(seed, question, 100 + sample));
      const points: readonly StatePoint[] = [
        { place: 'lineEnd', generatedTokens: 10, characters: 30, entropyNats: 2 },
        { place: 'lineEnd', generatedTokens: 20, characters: 60, entropyNats: 2 },
        { place: 'answer', generatedTokens: thoughtTokens + 2, characters: 90, entropyNats: 3 },
      ];
      const state = (at: number, strength: number): Float32Array =>
        Float32Array.from({ length: componentCount }, (_value, i) => {
          const noise = 2 * uniformAt(seed + 1, question * 64 + sample, at * componentCount + i) - 1;
          return i === 0 ? noise + strength * (isCorrect ? 1 : -1) : noise;
        });
      return {
        candidate: {
          isCorrect,
          answer: isCorrect ? 'r' : wrong,
          end: 'finished' as const,
          isCutOff: false,
          thoughtTokens,
          answerTokens: 2,
          text: 'x',
          points,
        },
        scores: [state(0, 0), state(1, signal / 2), state(2, signal)],
      };
    });
    return {
      id: question,
      questionHash: `hash${question}`,
      promptTokens: 5,
      candidates: drawn.map(({ candidate }) => candidate),
      scores: [new Float32Array(componentCount), ...drawn.flatMap(({ scores }) => scores)],
    };
  });
}
