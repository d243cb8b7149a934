import { describe, expect, test } from 'vitest';
import { fitProbe, type LabelledState, trainingCount } from '../../../../lab/calibrate/fitProbe.ts';
import {
  addGradient,
  classify,
  crossEntropy,
  initialNetwork,
  meanNetwork,
  type ProbeNetwork,
  zeroNetwork,
} from '../../../../lab/calibrate/probeNetwork.ts';
import { trainNetwork } from '../../../../lab/calibrate/trainNetwork.ts';
import { type DifficultyClass, difficultyClasses } from '../../../../protocol/traceEvent.ts';
import { uniformAt } from '../../../../sidecar/numeric/random.ts';
import { seededOrder } from '../../../../sidecar/numeric/seededOrder.ts';

const never = new AbortController().signal;

function parametersOf({ w1, b1, w2, b2 }: ProbeNetwork): readonly Float64Array[] {
  return [w1, b1, w2, b2];
}

/** States around a centre for each class, far enough apart to be told by a line or two. */
function heaps(count: number, size: number, seed: number): readonly LabelledState[] {
  return Array.from({ length: count }, (_, index) => {
    const place = index % difficultyClasses.length;
    const difficulty: DifficultyClass = difficultyClasses[place] ?? 'easy';
    const state = Float32Array.from({ length: size }, (_unused, i) => {
      const noise = uniformAt(seed, index, i) - 0.5;
      // One value in a thousand times the others' measure, as in the states of real models.
      return (i === 0 ? 1000 * noise : noise) + (i === place + 1 ? 3 : 0);
    });
    return { state, difficulty };
  });
}

function shareRight(network: ProbeNetwork, labelled: readonly LabelledState[]): number {
  const right = labelled.filter(({ state, difficulty }) => {
    const probabilities = classify(network, state);
    return difficultyClasses[probabilities.indexOf(Math.max(...probabilities))] === difficulty;
  });
  return right.length / labelled.length;
}

describe('the gradient', () => {
  test('is the slope of the loss along every weight', () => {
    const network = initialNetwork(5, 4, 3);
    network.b1.set([0.1, -0.2, 0.3, 0.05]);
    network.b2.set([0.2, -0.1, 0]);
    const example = { input: [0.5, -1.2, 0.7, 0.1, 2], target: 1 };
    const gradient = zeroNetwork(5, 4);
    const loss = addGradient(network, example, gradient);
    expect(loss).toBeCloseTo(crossEntropy(classify(network, example.input), 1), 12);
    const step = 1e-6;
    for (const [part, values] of parametersOf(network).entries()) {
      for (const [index, value] of values.entries()) {
        const lossAt = (moved: number): number => {
          values[index] = moved;
          const at = addGradient(network, example, zeroNetwork(5, 4));
          values[index] = value;
          return at;
        };
        const slope = (lossAt(value + step) - lossAt(value - step)) / (2 * step);
        expect(parametersOf(gradient)[part]?.[index]).toBeCloseTo(slope, 6);
      }
    }
  });
});

describe('training', () => {
  const options = { seed: 5, unitCount: 8, epochs: 40, learningRate: 1e-2, weightDecay: 0.01 };
  const examples = heaps(60, 6, 1).map(({ state, difficulty }) => ({
    input: Float64Array.from(state, (value, i) => (i === 0 ? value / 1000 : value)),
    target: difficultyClasses.indexOf(difficulty),
  }));

  test('brings the loss down and gives the same weights for the same seed', async () => {
    const losses: number[] = [];
    const onEpoch = (network: ProbeNetwork): void => {
      losses.push(
        examples.reduce((sum, { input, target }) => sum + crossEntropy(classify(network, input), target), 0),
      );
    };
    const network = await trainNetwork(examples, { ...options, onEpoch }, never);
    expect(losses).toHaveLength(40);
    expect(losses.at(-1)).toBeLessThan(0.2 * (losses[0] ?? 0));
    expect(await trainNetwork(examples, options, never)).toEqual(network);
    expect(await trainNetwork(examples, { ...options, seed: 6 }, never)).not.toEqual(network);
  });

  test('ends with its signal', async () => {
    const ending = new AbortController();
    const onEpoch = (): void => {
      ending.abort();
    };
    await expect(trainNetwork(examples, { ...options, onEpoch }, ending.signal)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('a fitted probe', () => {
  test('tells heaps apart that it has not seen, from states as they come, and is the same again', async () => {
    const labelled = heaps(60, 12, 1);
    let trained = 0;
    const onTrained = (): void => {
      trained += 1;
    };
    const fitted = await fitProbe(labelled, { seed: 9, onTrained }, never);
    expect(trained).toBe(trainingCount);
    expect(shareRight(fitted.network, heaps(90, 12, 2))).toBeGreaterThan(0.95);
    expect(fitted.network.w1.every((value) => value === Math.fround(value))).toBe(true);
    expect(await fitProbe(labelled, { seed: 9, onTrained }, never)).toEqual(fitted);
  });

  test('is no surer than chance where there is nothing to tell', async () => {
    const random = heaps(60, 12, 1).map(({ state }, index) => ({
      state,
      difficulty: difficultyClasses[Math.floor(uniformAt(4, 4, index) * 3)] ?? 'easy',
    }));
    const { foldLossNats } = await fitProbe(random, { seed: 9, onTrained: () => undefined }, never);
    expect(foldLossNats).toBeGreaterThan(0.9 * Math.log(3));
  });
});

test('a mean network has the mean of the logits', () => {
  const networks = [initialNetwork(3, 2, 1), initialNetwork(3, 4, 2)];
  const input = [0.3, -0.4, 1];
  const logits = networks.map((network) => classify(network, input).map(Math.log));
  const means = [0, 1, 2].map((row) => logits.reduce((sum, one) => sum + (one[row] ?? 0), 0) / 2);
  const total = means.reduce((sum, value) => sum + Math.exp(value), 0);
  classify(meanNetwork(networks), input).forEach((probability, row) => {
    expect(probability).toBeCloseTo(Math.exp(means[row] ?? 0) / total, 12);
  });
});

test('a seeded order holds every number once, and another seed another order', () => {
  const order = seededOrder(50, 7, 0);
  expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  expect(seededOrder(50, 7, 0)).toEqual(order);
  expect(seededOrder(50, 8, 0)).not.toEqual(order);
  expect(seededOrder(50, 7, 1)).not.toEqual(order);
});
