import { mean } from '../../../sidecar/numeric/mean.ts';
import { seededOrder } from '../../../sidecar/numeric/seededOrder.ts';
import { rocArea } from '../../numeric/rocArea.ts';

export const foldCount = 5;

/** A fold for each question, from 0 to `foldCount` − 1, as even as can be; stream and count decide. Pure. */
export function dealtFolds(questionCount: number, stream: number): readonly number[] {
  const folds = new Array<number>(questionCount).fill(0);
  for (const [place, question] of seededOrder(questionCount, 0, stream).entries()) {
    folds[question] = place % foldCount;
  }
  return folds;
}

/** Log-loss of a probability in 0…1 of something that was so or was not, in nats; at most 27.6. Pure. */
export function logLossNats(probability: number, isSo: boolean): number {
  return -Math.log(Math.max(1e-12, isSo ? probability : 1 - probability));
}

/**
 * Area under the ROC curve within a question: the mean over the questions that have both right and wrong candidates. NaN
 * where none has. `questions` has the question of each score, a number from 0 on. Pure.
 */
export function aurocWithinQuestion(
  questions: readonly number[],
  scores: readonly number[],
  labels: readonly boolean[],
): number {
  const groups = new Map<number, { readonly scores: number[]; readonly labels: boolean[] }>();
  for (const [i, question] of questions.entries()) {
    const group = groups.get(question) ?? { scores: [], labels: [] };
    group.scores.push(scores[i] ?? NaN);
    group.labels.push(labels[i] ?? false);
    groups.set(question, group);
  }
  const areas = [...groups.values()].flatMap((group) => rocArea(group.scores, group.labels) ?? []);
  return areas.length === 0 ? NaN : mean(areas);
}
