import { mean } from '../../numeric/mean.ts';

/** One step of a thought, shared by all paths that go through it. */
export interface StepNode {
  readonly before: StepNode | null;
  readonly text: string;
  readonly tokenCount: number;
  /** See `stepConfidence`. */
  readonly confidence: number;
}

/** Geometric mean of the probabilities of a step's tokens, 0…1; 0 for a step without any. Pure. */
export function stepConfidence(logprobs: readonly number[]): number {
  if (logprobs.length === 0) return 0;
  return Math.exp(mean(logprobs));
}

/** All steps up to this one, in their order. Pure. */
export function stepsUpTo(last: StepNode | null): readonly StepNode[] {
  const steps: StepNode[] = [];
  for (let node = last; node !== null; node = node.before) steps.push(node);
  return steps.reverse();
}

/** What these steps wrote. Pure. */
export function textOf(last: StepNode | null): string {
  return stepsUpTo(last)
    .map(({ text }) => text)
    .join('');
}

/** Steps up to this one. Pure. */
export function depthOf(last: StepNode | null): number {
  return stepsUpTo(last).length;
}

/** How good a thought looks that has come to this step: the mean confidence of its steps, 0…1; 0 without any. Pure. */
export function valueOf(last: StepNode | null): number {
  return mean(stepsUpTo(last).map(({ confidence }) => confidence));
}

/** Tokens of the tree that these steps end, each step counted once. */
export function treeTokens(ends: readonly (StepNode | null)[]): number {
  const nodes = new Set<StepNode>();
  for (const end of ends) {
    for (let node = end; node !== null && !nodes.has(node); node = node.before) nodes.add(node);
  }
  return [...nodes].reduce((sum, { tokenCount }) => sum + tokenCount, 0);
}
