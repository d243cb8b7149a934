import { classCount, zeroNetwork, type ProbeNetwork } from './probeNetwork.ts';

/** What shifts and scales each input to mean 0 and deviation 1. */
export interface Standardisation {
  readonly means: Float64Array;
  readonly deviations: Float64Array;
}

/** Deviations below this are noise of rounding: such an input carries nothing and is left as it is. */
const leastDeviation = 1e-6;

/** Means and deviations of each input over a set of states, which must not be empty. Pure. */
export function standardisationOf(states: readonly ArrayLike<number>[]): Standardisation {
  const size = states[0]?.length ?? 0;
  const means = new Float64Array(size);
  const deviations = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (const state of states) sum += state[i] ?? 0;
    const mean = sum / states.length;
    let squares = 0;
    for (const state of states) squares += ((state[i] ?? 0) - mean) ** 2;
    const deviation = Math.sqrt(squares / states.length);
    means[i] = mean;
    deviations[i] = deviation < leastDeviation ? 1 : deviation;
  }
  return { means, deviations };
}

export function standardised(state: ArrayLike<number>, { means, deviations }: Standardisation): Float64Array {
  return means.map((mean, i) => ((state[i] ?? 0) - mean) / (deviations[i] ?? 1));
}

/**
 * The network that takes states as they come and gives what `network` gives for standardised ones: shift and scale are
 * folded into its first layer. Weights are rounded to 32-bit floats, as a file holds them.
 */
export function foldStandardisation(
  network: ProbeNetwork,
  { means, deviations }: Standardisation,
): ProbeNetwork {
  const { inputSize, unitCount } = network;
  const folded = zeroNetwork(inputSize, unitCount);
  for (let unit = 0; unit < unitCount; unit++) {
    let bias = network.b1[unit] ?? 0;
    for (let i = 0; i < inputSize; i++) {
      const at = unit * inputSize + i;
      const weight = Math.fround((network.w1[at] ?? 0) / (deviations[i] ?? 1));
      folded.w1[at] = weight;
      bias -= weight * (means[i] ?? 0);
    }
    folded.b1[unit] = Math.fround(bias);
  }
  for (let at = 0; at < classCount * unitCount; at++) folded.w2[at] = Math.fround(network.w2[at] ?? 0);
  for (let row = 0; row < classCount; row++) folded.b2[row] = Math.fround(network.b2[row] ?? 0);
  return folded;
}
