/**
 * Area under the ROC curve: how often a positive scores above a negative, ties counting half. Null without one of either.
 * Pure.
 */
export function rocArea(scores: readonly number[], isPositive: readonly boolean[]): number | null {
  const order = scores.map((_, i) => i).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  const positives = isPositive.filter(Boolean).length;
  const negatives = isPositive.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let rankSum = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && scores[order[to] ?? 0] === scores[order[from] ?? 0]) to++;
    const tied = order.slice(from, to).filter((i) => isPositive[i] === true).length;
    // Ranks from `from` + 1 to `to`; equal scores share their mean.
    rankSum += (tied * (from + 1 + to)) / 2;
    from = to;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
