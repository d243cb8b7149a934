/**
 * Where one entropy level ends and the next begins, as effective choices e^H: a token of 0.69 nats was drawn from as
 * much doubt as a fair choice of two. Fixed, so that colours of two traces can be compared.
 */
const levelBoundsInChoices: readonly number[] = [1.02, 1.1, 1.35, 2, 3, 5, 10];

const levelBoundsNats = levelBoundsInChoices.map(Math.log);

/** Number of entropy levels; the style sheet defines a colour and an underline for each. */
export const entropyLevelCount = levelBoundsNats.length + 1;

/** Level of an entropy in nats: 0 (certain) … `entropyLevelCount - 1`. */
export function entropyLevel(entropyNats: number): number {
  let level = 0;
  for (const bound of levelBoundsNats) {
    if (!(entropyNats >= bound)) break;
    level++;
  }
  return level;
}

/** Entropy in nats that fills a lane's height; a choice among thirty. Higher values are drawn as full. */
export const fullHeightNats = 3.4;

/** Share of a lane's height for an entropy in nats, 0…1. A square root, so that small doubts stay visible. */
export function entropyHeight(entropyNats: number): number {
  if (!(entropyNats > 0)) return 0;
  return Math.min(1, Math.sqrt(entropyNats / fullHeightNats));
}
