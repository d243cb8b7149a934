import { setImmediate } from 'node:timers/promises';
import { cancelled } from '../../../sidecar/engine/cancelled.ts';
import { dealtFolds, foldCount, logLossNats } from '../valueSet/questionFolds.ts';
import { fitHeads, type HeadShape, type LinearHead, valueAt } from './linearHead.ts';
import type { ValueExample } from './valueExamples.ts';

/** A head for line ends and one for answers; the same twice where one does for both. */
export interface ValueHeads {
  readonly kind: 'one' | 'two';
  readonly lineEnd: LinearHead;
  readonly answer: LinearHead;
  readonly shapes: Readonly<Record<ValueExample['place'], HeadShape>>;
}

export interface ChoiceOptions {
  /** Stream of the seed that deals questions to folds. */
  readonly stream: number;
  /** Called after each of `choiceSteps` fits. */
  readonly onFitted: () => void;
}

/** Descending, so that each fit starts near its end. */
const lambdas: readonly number[] = [3000, 1000, 300, 100, 30, 10];
const componentCounts: readonly number[] = [8, 32, 128];

/** Calls of `onFitted` in one choice: of each fold, for all points and for either place. */
export const choiceSteps = 3 * foldCount;

/**
 * Chooses and fits the head of a value set. Number of components and ridge penalty are those of least log-loss over five folds
 * by question; so is whether line ends and answers share a head, whose place is a feature, or have one each. Deterministic.
 * Needs examples of both places with both labels in every fold's rest. Throws `cancelled` between two fits.
 */
export async function chooseHead(
  examples: readonly ValueExample[],
  options: ChoiceOptions,
  signal: AbortSignal,
): Promise<ValueHeads> {
  const at = (place: ValueExample['place']): readonly ValueExample[] =>
    examples.filter((example) => example.place === place);
  const shared = await bestShape(examples, options, signal);
  const lineEnd = await bestShape(at('lineEnd'), options, signal);
  const answer = await bestShape(at('answer'), options, signal);
  if (shared.lossSum <= lineEnd.lossSum + answer.lossSum) {
    const head = fitted(examples, shared.shape);
    const { shape } = shared;
    return { kind: 'one', lineEnd: head, answer: head, shapes: { lineEnd: shape, answer: shape } };
  }
  return {
    kind: 'two',
    lineEnd: fitted(at('lineEnd'), lineEnd.shape),
    answer: fitted(at('answer'), answer.shape),
    shapes: { lineEnd: lineEnd.shape, answer: answer.shape },
  };
}

/** P(right) at an example, by the head of its place. */
export function valueBy(heads: ValueHeads, example: ValueExample): number {
  return valueAt(heads[example.place], example);
}

/** The fold of each question that has examples; others have none. */
export function foldsOf(examples: readonly ValueExample[], stream: number): ReadonlyMap<number, number> {
  const questions = [...new Set(examples.map(({ question }) => question))].sort((a, b) => a - b);
  const folds = dealtFolds(questions.length, stream);
  return new Map(questions.map((question, place) => [question, folds[place] ?? 0]));
}

function fitted(examples: readonly ValueExample[], { componentCount, lambda }: HeadShape): LinearHead {
  const [head] = fitHeads(examples, componentCount, [lambda]);
  if (head === undefined) throw new RangeError('There is no penalty to fit with.');
  return head;
}

interface ShapeLoss {
  readonly shape: HeadShape;
  /** Weighted log-losses of all examples, each by a head that did not see its question, added up. */
  readonly lossSum: number;
}

async function bestShape(
  examples: readonly ValueExample[],
  { stream, onFitted }: ChoiceOptions,
  signal: AbortSignal,
): Promise<ShapeLoss> {
  const most = examples[0]?.scores.length ?? 0;
  const counts = [...new Set(componentCounts.map((count) => Math.min(count, most)))];
  const shapes = counts.flatMap((componentCount) => lambdas.map((lambda) => ({ componentCount, lambda })));
  const sums = shapes.map(() => 0);
  const folds = foldsOf(examples, stream);
  for (let fold = 0; fold < foldCount; fold++) {
    const isHeldOut = ({ question }: ValueExample): boolean => folds.get(question) === fold;
    const training = examples.filter((example) => !isHeldOut(example));
    const judged = examples.filter(isHeldOut);
    for (const [at, componentCount] of counts.entries()) {
      // The one thread has other work too, such as hearing that it is to stop.
      await setImmediate();
      if (signal.aborted) throw cancelled();
      for (const [index, head] of fitHeads(training, componentCount, lambdas).entries()) {
        const place = at * lambdas.length + index;
        for (const example of judged) {
          const loss = logLossNats(valueAt(head, example), example.isCorrect);
          sums[place] = (sums[place] ?? 0) + example.weight * loss;
        }
      }
    }
    onFitted();
  }
  const [first, ...others] = shapes.map((shape, i): ShapeLoss => ({ shape, lossSum: sums[i] ?? NaN }));
  if (first === undefined) throw new RangeError('There is no shape to choose from.');
  return others.reduce((best, one) => (one.lossSum < best.lossSum ? one : best), first);
}
