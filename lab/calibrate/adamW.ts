import type { ProbeNetwork } from './probeNetwork.ts';

const firstDecay = 0.9;
const secondDecay = 0.999;
/** Keeps a step finite where no gradient was ever seen. */
const floor = 1e-8;

/** Adam with decoupled weight decay (arXiv 1711.05101) for one network, whose weights it changes in place. */
export class AdamW {
  readonly #network: ProbeNetwork;
  readonly #learningRate: number;
  readonly #weightDecay: number;
  readonly #moments: readonly (readonly [Float64Array, Float64Array])[];
  #stepCount = 0;

  /** Decay is applied to weights and not to biases. */
  constructor(
    network: ProbeNetwork,
    options: { readonly learningRate: number; readonly weightDecay: number },
  ) {
    this.#network = network;
    this.#learningRate = options.learningRate;
    this.#weightDecay = options.weightDecay;
    this.#moments = parametersOf(network).map(({ values }) => [
      new Float64Array(values.length),
      new Float64Array(values.length),
    ]);
  }

  /** One step against a gradient, which is a sum over `exampleCount` examples. */
  step(gradient: ProbeNetwork, exampleCount: number): void {
    this.#stepCount += 1;
    const firstBias = 1 - firstDecay ** this.#stepCount;
    const secondBias = 1 - secondDecay ** this.#stepCount;
    const slopes = parametersOf(gradient);
    for (const [index, { values, isWeight }] of parametersOf(this.#network).entries()) {
      const slope = slopes[index]?.values;
      const [first, second] = this.#moments[index] ?? [];
      if (slope === undefined || first === undefined || second === undefined) continue;
      const shrink = isWeight ? 1 - this.#learningRate * this.#weightDecay : 1;
      for (let i = 0; i < values.length; i++) {
        const g = (slope[i] ?? 0) / exampleCount;
        const m = firstDecay * (first[i] ?? 0) + (1 - firstDecay) * g;
        const v = secondDecay * (second[i] ?? 0) + (1 - secondDecay) * g * g;
        first[i] = m;
        second[i] = v;
        const update = m / firstBias / (Math.sqrt(v / secondBias) + floor);
        values[i] = (values[i] ?? 0) * shrink - this.#learningRate * update;
      }
    }
  }
}

interface Parameters {
  readonly values: Float64Array;
  readonly isWeight: boolean;
}

function parametersOf({ w1, b1, w2, b2 }: ProbeNetwork): readonly Parameters[] {
  return [
    { values: w1, isWeight: true },
    { values: b1, isWeight: false },
    { values: w2, isWeight: true },
    { values: b2, isWeight: false },
  ];
}
