import { uniformAt } from '../../sidecar/numeric/random.ts';

/** Easy, normal, hard, in the order of `difficultyClasses`. */
export const classCount = 3;

/** softmax(W2·ReLU(W1·h + b1) + b2), the probe of DiffAdapt (arXiv 2510.19669). Matrices are stored row by row. */
export interface ProbeNetwork {
  readonly inputSize: number;
  readonly unitCount: number;
  /** A row of `inputSize` for each hidden unit. */
  readonly w1: Float64Array;
  readonly b1: Float64Array;
  /** A row of `unitCount` for each class. */
  readonly w2: Float64Array;
  readonly b2: Float64Array;
}

export type Probabilities = readonly [number, number, number];

/** A network of zeros: where a gradient is gathered. */
export function zeroNetwork(inputSize: number, unitCount: number): ProbeNetwork {
  return {
    inputSize,
    unitCount,
    w1: new Float64Array(unitCount * inputSize),
    b1: new Float64Array(unitCount),
    w2: new Float64Array(classCount * unitCount),
    b2: new Float64Array(classCount),
  };
}

/** Weights drawn for units that are rectified (He et al., arXiv 1502.01852), by seed; biases of zero. */
export function initialNetwork(inputSize: number, unitCount: number, seed: number): ProbeNetwork {
  const network = zeroNetwork(inputSize, unitCount);
  fillNormal(network.w1, Math.sqrt(2 / inputSize), { seed, stream: 1 });
  fillNormal(network.w2, Math.sqrt(2 / unitCount), { seed, stream: 2 });
  return network;
}

/** Probabilities of the classes for one input of `inputSize` values. Pure. */
export function classify(network: ProbeNetwork, input: ArrayLike<number>): Probabilities {
  return softmax(logitsOf(network, hiddenOf(network, input)));
}

/** Adds the gradient of one example's cross-entropy to `gradient`, and returns that loss in nats. `target` is a class's index. */
export function addGradient(
  network: ProbeNetwork,
  example: { readonly input: ArrayLike<number>; readonly target: number },
  gradient: ProbeNetwork,
): number {
  const { inputSize, unitCount, w2 } = network;
  const { input, target } = example;
  const hidden = hiddenOf(network, input);
  const probabilities = softmax(logitsOf(network, hidden));
  const hiddenSlope = new Float64Array(unitCount);
  for (let row = 0; row < classCount; row++) {
    const slope = (probabilities[row] ?? 0) - (row === target ? 1 : 0);
    gradient.b2[row] = (gradient.b2[row] ?? 0) + slope;
    for (let unit = 0; unit < unitCount; unit++) {
      const at = row * unitCount + unit;
      gradient.w2[at] = (gradient.w2[at] ?? 0) + slope * (hidden[unit] ?? 0);
      hiddenSlope[unit] = (hiddenSlope[unit] ?? 0) + slope * (w2[at] ?? 0);
    }
  }
  for (let unit = 0; unit < unitCount; unit++) {
    if ((hidden[unit] ?? 0) <= 0) continue;
    const slope = hiddenSlope[unit] ?? 0;
    gradient.b1[unit] = (gradient.b1[unit] ?? 0) + slope;
    const start = unit * inputSize;
    for (let i = 0; i < inputSize; i++) {
      gradient.w1[start + i] = (gradient.w1[start + i] ?? 0) + slope * (input[i] ?? 0);
    }
  }
  return crossEntropy(probabilities, target);
}

/** Nats that a prediction lacked certainty of what turned out. */
export function crossEntropy(probabilities: Probabilities, target: number): number {
  return -Math.log(Math.max(probabilities[target] ?? 0, Number.MIN_VALUE));
}

/**
 * One network whose logits are the mean of the logits of all: its hidden units are theirs side by side. Networks must
 * have inputs of the same size.
 */
export function meanNetwork(networks: readonly ProbeNetwork[]): ProbeNetwork {
  const inputSize = networks[0]?.inputSize ?? 0;
  const mean = zeroNetwork(
    inputSize,
    networks.reduce((sum, { unitCount }) => sum + unitCount, 0),
  );
  let firstUnit = 0;
  for (const { unitCount, w1, b1, w2, b2 } of networks) {
    mean.w1.set(w1, firstUnit * inputSize);
    mean.b1.set(b1, firstUnit);
    for (let row = 0; row < classCount; row++) {
      for (let unit = 0; unit < unitCount; unit++) {
        mean.w2[row * mean.unitCount + firstUnit + unit] =
          (w2[row * unitCount + unit] ?? 0) / networks.length;
      }
      mean.b2[row] = (mean.b2[row] ?? 0) + (b2[row] ?? 0) / networks.length;
    }
    firstUnit += unitCount;
  }
  return mean;
}

function hiddenOf({ inputSize, unitCount, w1, b1 }: ProbeNetwork, input: ArrayLike<number>): Float64Array {
  const hidden = new Float64Array(unitCount);
  for (let unit = 0; unit < unitCount; unit++) {
    let sum = b1[unit] ?? 0;
    const start = unit * inputSize;
    for (let i = 0; i < inputSize; i++) sum += (w1[start + i] ?? 0) * (input[i] ?? 0);
    hidden[unit] = Math.max(0, sum);
  }
  return hidden;
}

function logitsOf({ unitCount, w2, b2 }: ProbeNetwork, hidden: Float64Array): Probabilities {
  const logit = (row: number): number => {
    let sum = b2[row] ?? 0;
    for (let unit = 0; unit < unitCount; unit++)
      sum += (w2[row * unitCount + unit] ?? 0) * (hidden[unit] ?? 0);
    return sum;
  };
  return [logit(0), logit(1), logit(2)];
}

function softmax(logits: Probabilities): Probabilities {
  const most = Math.max(...logits);
  const [a, b, c] = [Math.exp(logits[0] - most), Math.exp(logits[1] - most), Math.exp(logits[2] - most)];
  const sum = a + b + c;
  return [a / sum, b / sum, c / sum];
}

/** Normal numbers by Box and Muller's method. */
function fillNormal(
  values: Float64Array,
  deviation: number,
  { seed, stream }: { readonly seed: number; readonly stream: number },
): void {
  for (let i = 0; i < values.length; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformAt(seed, stream, 2 * i)));
    values[i] = deviation * radius * Math.cos(2 * Math.PI * uniformAt(seed, stream, 2 * i + 1));
  }
}
