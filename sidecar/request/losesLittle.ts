/** Questions that a comparison needs; fewer show nothing. */
export const fewestQuestions = 20;

/** Accuracy that a cheaper way may lose: as measured, and at the low end of the 95 % interval. */
export const mostLost = 0.02;
const mostLostAtWorst = 0.05;

/**
 * Whether a difference in accuracy is small enough for something that saves. Pure. What it saves is a matter of its own.
 */
export function losesLittle({ estimate, low }: { readonly estimate: number; readonly low: number }): boolean {
  return estimate >= -mostLost && low >= -mostLostAtWorst;
}
