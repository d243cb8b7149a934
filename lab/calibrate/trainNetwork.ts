import { setImmediate as nextTurn } from 'node:timers/promises';
import { cancelled } from '../../sidecar/engine/cancelled.ts';
import { seededOrder } from '../../sidecar/numeric/seededOrder.ts';
import { AdamW } from './adamW.ts';
import { addGradient, initialNetwork, type ProbeNetwork, zeroNetwork } from './probeNetwork.ts';

/** A prompt's state, standardised, and the class that its samples gave it. */
export interface TrainingExample {
  readonly input: Float64Array;
  /** Index of the class in `difficultyClasses`. */
  readonly target: number;
}

export interface TrainingOptions {
  /** Decides first weights and the order of examples. */
  readonly seed: number;
  readonly unitCount: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Called after each epoch, to follow progress. */
  readonly onEpoch?: (network: ProbeNetwork, epoch: number) => void;
}

const batchExamples = 16;

/**
 * Trains the two layers by cross-entropy with AdamW. The same seed and examples give the same weights. Lets other work
 * run between epochs, and throws `cancelled` there.
 */
export async function trainNetwork(
  examples: readonly TrainingExample[],
  options: TrainingOptions,
  signal: AbortSignal,
): Promise<ProbeNetwork> {
  const inputSize = examples[0]?.input.length ?? 0;
  const { seed, unitCount, onEpoch } = options;
  const network = initialNetwork(inputSize, unitCount, seed);
  const optimizer = new AdamW(network, options);
  const gradient = zeroNetwork(inputSize, unitCount);
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    await nextTurn();
    if (signal.aborted) throw cancelled();
    // Streams 1 and 2 drew the first weights.
    const order = seededOrder(examples.length, seed, 3 + epoch);
    for (let start = 0; start < order.length; start += batchExamples) {
      const batch = order.slice(start, start + batchExamples);
      for (const part of [gradient.w1, gradient.b1, gradient.w2, gradient.b2]) part.fill(0);
      for (const index of batch) {
        const example = examples[index];
        if (example !== undefined) addGradient(network, example, gradient);
      }
      optimizer.step(gradient, batch.length);
    }
    onEpoch?.(network, epoch);
  }
  return network;
}
