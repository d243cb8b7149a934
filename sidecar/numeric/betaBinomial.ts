/**
 * How probable each number of successes is, from 0 to `trials`, of trials with one unknown chance of success, drawn from
 * Beta(alpha, beta). Alpha and beta are above 0. Pure.
 */
export function betaBinomial(alpha: number, beta: number, trials: number): readonly number[] {
  let probability = 1;
  for (let trial = 0; trial < trials; trial++) probability *= (beta + trial) / (alpha + beta + trial);
  const probabilities = [probability];
  for (let successes = 0; successes < trials; successes++) {
    const failures = trials - successes;
    probability *= (failures * (alpha + successes)) / ((successes + 1) * (beta + failures - 1));
    probabilities.push(probability);
  }
  return probabilities;
}
