import { type DifficultyClass, difficultyClasses } from '../../protocol/traceEvent.ts';
import { seededOrder } from '../../sidecar/numeric/seededOrder.ts';
import { classify, crossEntropy, meanNetwork, type ProbeNetwork } from './probeNetwork.ts';
import { foldStandardisation, standardisationOf, standardised } from './standardise.ts';
import { type TrainingExample, type TrainingOptions, trainNetwork } from './trainNetwork.ts';

/** A question's prompt state and its class. */
export interface LabelledState {
  readonly state: ArrayLike<number>;
  readonly difficulty: DifficultyClass;
}

export interface FittedProbe {
  /** Takes states as the engine gives them. */
  readonly network: ProbeNetwork;
  readonly weightDecay: number;
  readonly epochs: number;
  /** Mean cross-entropy of the examples that each fold left out, in nats. */
  readonly foldLossNats: number;
}

/** As published: AdamW with this rate, up to this many epochs. */
const learningRate = 1e-3;
const mostEpochs = 100;
/** Hidden units of one network. */
const unitCount = 16;
/** Networks whose logits are averaged: few questions leave each with errors of its own. */
const memberCount = 5;
const foldCount = 5;
const weightDecays: readonly number[] = [0.1, 1, 10];

/** Trainings in all, for progress. */
export const trainingCount = weightDecays.length * foldCount + memberCount;

/**
 * Fits a probe to labelled states: weight decay and number of epochs are those with the least loss on questions that
 * each of five folds leaves out; then networks of different seeds are trained on all and averaged. The same seed and
 * states give the same weights. `onTrained` is called after each of `trainingCount` trainings. Throws `cancelled`.
 */
export async function fitProbe(
  labelled: readonly LabelledState[],
  options: { readonly seed: number; readonly onTrained: () => void },
  signal: AbortSignal,
): Promise<FittedProbe> {
  const { seed, onTrained } = options;
  let best = { weightDecay: 0, epochs: 0, foldLossNats: Infinity };
  for (const weightDecay of weightDecays) {
    const losses = await foldLosses(labelled, { seed, weightDecay, onTrained }, signal);
    for (const [epoch, foldLossNats] of losses.entries()) {
      if (foldLossNats < best.foldLossNats) best = { weightDecay, epochs: epoch + 1, foldLossNats };
    }
  }
  const standardisation = standardisationOf(labelled.map(({ state }) => state));
  const examples = labelled.map((one) => exampleOf(one, standardisation));
  const members: ProbeNetwork[] = [];
  for (let member = 0; member < memberCount; member++) {
    const { weightDecay, epochs } = best;
    members.push(
      await trainNetwork(examples, trainingOptions(seed + 1 + member, weightDecay, epochs), signal),
    );
    onTrained();
  }
  return { ...best, network: foldStandardisation(meanNetwork(members), standardisation) };
}

/** Mean loss after each epoch, over the questions that each fold leaves out of training. */
async function foldLosses(
  labelled: readonly LabelledState[],
  options: { readonly seed: number; readonly weightDecay: number; readonly onTrained: () => void },
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { seed, weightDecay, onTrained } = options;
  const losses = new Array<number>(mostEpochs).fill(0);
  const order = seededOrder(labelled.length, seed, 0);
  for (let fold = 0; fold < foldCount; fold++) {
    const isLeftOut = (place: number): boolean => place % foldCount === fold;
    const kept = order.filter((_, place) => !isLeftOut(place)).flatMap((index) => labelled[index] ?? []);
    const leftOut = order.filter((_, place) => isLeftOut(place)).flatMap((index) => labelled[index] ?? []);
    const standardisation = standardisationOf(kept.map(({ state }) => state));
    const judged = leftOut.map((one) => exampleOf(one, standardisation));
    const onEpoch = (network: ProbeNetwork, epoch: number): void => {
      const sum = judged.reduce(
        (total, { input, target }) => total + crossEntropy(classify(network, input), target),
        0,
      );
      losses[epoch] = (losses[epoch] ?? 0) + sum / labelled.length;
    };
    const examples = kept.map((one) => exampleOf(one, standardisation));
    await trainNetwork(examples, { ...trainingOptions(seed, weightDecay, mostEpochs), onEpoch }, signal);
    onTrained();
  }
  return losses;
}

function trainingOptions(seed: number, weightDecay: number, epochs: number): TrainingOptions {
  // Classes count as they come: the probe is to be right as often as it can be, and its probabilities are to hold.
  return { seed: seed >>> 0, unitCount, epochs, learningRate, weightDecay };
}

function exampleOf(
  { state, difficulty }: LabelledState,
  standardisation: ReturnType<typeof standardisationOf>,
): TrainingExample {
  return { input: standardised(state, standardisation), target: difficultyClasses.indexOf(difficulty) };
}
