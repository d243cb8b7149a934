import { logisticNewton } from '../../numeric/logisticNewton.ts';
import type { LogisticModel } from '../../numeric/logisticRidge.ts';
import { standardisationOf } from '../standardise.ts';
import type { ValueExample } from './valueExamples.ts';

/** P(right) = σ(scoreWeights · scores + featureWeights · features + bias), of scores and features as they come. */
export interface LinearHead {
  /** As many as the head reads components, the leading ones. */
  readonly scoreWeights: Float64Array;
  readonly featureWeights: Float64Array;
  readonly bias: number;
}

/** What cross-validation chooses of a head. */
export interface HeadShape {
  /** Leading components of the state that it reads. */
  readonly componentCount: number;
  /** Penalty on the weights of the standardised components. */
  readonly lambda: number;
}

/** Penalty on the weights of the features: they are few, and none of them is to vanish with the components'. */
const featurePenalty = 1;

/**
 * One head for each λ, in the order given, by logistic ridge on standardised inputs; each starts from the one before, so
 * descending λ are quickest. `examples` must not be empty.
 */
export function fitHeads(
  examples: readonly ValueExample[],
  componentCount: number,
  lambdas: readonly number[],
): readonly LinearHead[] {
  const inputs = examples.map(({ scores, features }) => [...scores.subarray(0, componentCount), ...features]);
  const { means, deviations } = standardisationOf(inputs);
  const columnCount = means.length;
  const values = new Float64Array(inputs.length * columnCount);
  for (const [row, input] of inputs.entries()) {
    for (let i = 0; i < columnCount; i++)
      values[row * columnCount + i] = ((input[i] ?? 0) - (means[i] ?? 0)) / (deviations[i] ?? 1);
  }
  const rows = {
    values,
    columnCount,
    labels: examples.map(({ isCorrect }) => isCorrect),
    weights: examples.map(({ weight }) => weight),
  };
  const kept = Math.min(componentCount, examples[0]?.scores.length ?? 0);
  let model: LogisticModel | null = null;
  return lambdas.map((lambda) => {
    const penalties = Float64Array.from({ length: columnCount }, (_, i) =>
      i < kept ? lambda : featurePenalty,
    );
    model = logisticNewton(rows, penalties, model);
    const weights = model.weights.map((weight, i) => weight / (deviations[i] ?? 1));
    const shift = weights.reduce((sum, weight, i) => sum + weight * (means[i] ?? 0), 0);
    return {
      scoreWeights: weights.slice(0, kept),
      featureWeights: weights.slice(kept),
      bias: model.bias - shift,
    };
  });
}

/** P(right) at a point, in 0…1. */
export function valueAt(
  { scoreWeights, featureWeights, bias }: LinearHead,
  { scores, features }: Pick<ValueExample, 'scores' | 'features'>,
): number {
  let logit = bias;
  for (let i = 0; i < scoreWeights.length; i++) logit += (scoreWeights[i] ?? 0) * (scores[i] ?? 0);
  for (let i = 0; i < featureWeights.length; i++) logit += (featureWeights[i] ?? 0) * (features[i] ?? 0);
  return 1 / (1 + Math.exp(-logit));
}
