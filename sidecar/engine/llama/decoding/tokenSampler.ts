import type { SamplerSettings } from '../../../../protocol/traceEvent.ts';
import type { LeadingLogits } from '../../../numeric/logitsKernel.ts';
import type { TokenId } from '../../engine.ts';

/** The row of logits a token is chosen from: `LogitsKernel`, or plain arrays in a test. */
export interface LogitsRow {
  readonly vocabularySize: number;
  gather(threshold: number): LeadingLogits;
  draw(max: number, temperature: number, uniform: number): TokenId;
}

/** What the statistics pass already knows about the row. */
export interface RowSummary {
  readonly mostLikely: TokenId;
  readonly max: number;
  readonly logNormalizer: number;
}

interface Candidate {
  readonly id: TokenId;
  readonly logit: number;
}

/** Distance below the largest logit that the first search for candidates covers; doubled until it suffices. */
const firstReach = 8;
/** Beyond this distance no probability is left that a double could tell from none, so all tokens are taken. */
const farthestReach = 1024;

/**
 * Chooses a token by one uniform number in [0, 1), which greedy settings ignore. Every filter looks at the raw
 * distribution and a token must pass all of them, so their order does not matter; the temperature shapes what is
 * left. The most likely token always passes.
 */
export function chooseToken(
  row: LogitsRow,
  summary: RowSummary,
  settings: SamplerSettings,
  uniform: number,
): TokenId {
  const { temperature, topK, topP, minP } = settings;
  if (temperature <= 0 || topK === 1) return summary.mostLikely;
  if (topK === 0 && topP >= 1 && minP <= 0) return row.draw(summary.max, temperature, uniform);
  const candidates = candidatesOf(row, summary, settings);
  return drawFrom(candidates, summary, temperature, uniform);
}

/** The tokens that pass all filters, most likely first, by id among equals. */
function candidatesOf(row: LogitsRow, summary: RowSummary, settings: SamplerSettings): readonly Candidate[] {
  const floor = settings.minP > 0 ? summary.max + Math.log(settings.minP) : -Infinity;
  const keepsAll = settings.topK === 0 && settings.topP >= 1;
  for (let reach = keepsAll ? Infinity : firstReach; ; reach *= 2) {
    const threshold = Math.max(floor, reach > farthestReach ? -Infinity : summary.max - reach);
    const found = sorted(row.gather(threshold));
    const isWhole = threshold === floor || found.length === row.vocabularySize;
    const kept = cut(found, summary, settings);
    if (isWhole || kept.length < found.length) return kept;
  }
}

/** The leading candidates within top-k and top-p; as long as `found` when neither limit was reached. */
function cut(
  found: readonly Candidate[],
  summary: RowSummary,
  settings: SamplerSettings,
): readonly Candidate[] {
  const most = settings.topK > 0 ? settings.topK : found.length;
  let mass = 0;
  let count = 0;
  for (const { logit } of found) {
    if (count >= most || (count > 0 && mass >= settings.topP)) break;
    mass += Math.exp(logit - summary.logNormalizer);
    count += 1;
  }
  return found.slice(0, count);
}

function sorted(found: LeadingLogits): readonly Candidate[] {
  return Array.from(found.ids, (id, i) => ({ id, logit: found.logits[i] ?? -Infinity })).sort(
    (a, b) => b.logit - a.logit || a.id - b.id,
  );
}

function drawFrom(
  candidates: readonly Candidate[],
  summary: RowSummary,
  temperature: number,
  uniform: number,
): TokenId {
  const weights = candidates.map(({ logit }) => Math.exp((logit - summary.max) / temperature));
  let rest = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, { id }] of candidates.entries()) {
    rest -= weights[i] ?? 0;
    if (rest < 0) return id;
  }
  return candidates.at(-1)?.id ?? summary.mostLikely;
}
