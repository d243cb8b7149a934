/** Left of every chart on the token axis: lane labels, scales. The style sheet has it as `--gutter`. */
export const chartGutterPx = 132;

/** The one horizontal axis that all candidates share: tokens generated since the prompt, from 0. */
export interface TokenAxis {
  /** Token position at the right edge. At least 1. */
  readonly endToken: number;
  /** Round positions worth a label, ascending, from 0. */
  readonly ticks: readonly number[];
}

export interface TokenAxisInput {
  /** Longest candidate so far, in tokens, shared prefix included. */
  readonly longestTokens: number;
  /** Thought budget per candidate, or null when there is none. */
  readonly budgetTokens: number | null;
  readonly isRunning: boolean;
  readonly widthPx: number;
}

const smallestAxis = 32;
const pixelsPerTick = 72;

/**
 * Axis that fits the longest candidate, and the budget mark where it is near. While a request runs the end is a
 * round number ahead of the longest lane, so that the axis moves in steps and not with every token.
 */
export function chooseTokenAxis(input: TokenAxisInput): TokenAxis {
  const { longestTokens, budgetTokens, isRunning, widthPx } = input;
  const wanted = Math.max(smallestAxis, isRunning ? roundUp(longestTokens * 1.1) : longestTokens);
  const isBudgetNear = budgetTokens !== null && budgetTokens <= wanted * 2.5;
  const endToken = isBudgetNear ? Math.max(wanted, Math.ceil(budgetTokens * 1.04)) : wanted;
  return { endToken, ticks: roundTicks(endToken, Math.max(1, Math.floor(widthPx / pixelsPerTick))) };
}

/** Pixel of a token's left edge. */
export function tokenToX(axis: TokenAxis, token: number, widthPx: number): number {
  return (token / axis.endToken) * widthPx;
}

/** Token under a pixel, not clamped to any candidate. */
export function xToToken(axis: TokenAxis, x: number, widthPx: number): number {
  return widthPx > 0 ? Math.floor((x / widthPx) * axis.endToken) : 0;
}

function roundUp(value: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * magnitude >= value) ?? 10;
  return Math.ceil(step * magnitude);
}

function roundTicks(end: number, count: number): readonly number[] {
  const rough = end / count;
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * magnitude >= rough) ?? 10;
  const step = Math.max(1, Math.round(factor * magnitude));
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}
