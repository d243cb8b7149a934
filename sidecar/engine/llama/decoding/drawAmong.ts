import type { SamplerSettings } from '../../../../protocol/traceEvent.ts';
import type { TokenId } from '../../engine.ts';
import { chooseToken, type LogitsRow } from './tokenSampler.ts';

/**
 * Chooses among some tokens of a row as if there were no others: the most likely when greedy, else by one uniform number
 * in [0, 1), with the filters over what is left. `ids` must not be empty. Pure.
 */
export function drawAmong(
  row: Float32Array,
  ids: Int32Array,
  { settings, uniform }: { readonly settings: SamplerSettings; readonly uniform: number },
): TokenId {
  let mostLikely = ids[0] ?? 0;
  let max = row[mostLikely] ?? -Infinity;
  for (const id of ids) {
    const logit = row[id] ?? -Infinity;
    if (logit < max || (logit === max && id >= mostLikely)) continue;
    mostLikely = id;
    max = logit;
  }
  // Where nothing has a weight there is nothing to compare. The greedy choice needs no weights.
  if (max === -Infinity || settings.temperature <= 0 || settings.topK === 1) return mostLikely;
  let weight = 0;
  for (const id of ids) weight += Math.exp((row[id] ?? -Infinity) - max);
  const summary = { mostLikely, max, logNormalizer: max + Math.log(weight) };
  return chooseToken(rowAmong(row, ids, mostLikely), summary, settings, uniform);
}

function rowAmong(row: Float32Array, ids: Int32Array, mostLikely: TokenId): LogitsRow {
  const logitOf = (id: TokenId): number => row[id] ?? -Infinity;
  return {
    vocabularySize: ids.length,
    gather: (threshold) => {
      const found = ids.filter((id) => logitOf(id) >= threshold);
      return { ids: found, logits: Float32Array.from(found, logitOf) };
    },
    draw: (max, temperature, uniform) => {
      const weightOf = (id: TokenId): number => Math.exp((logitOf(id) - max) / temperature);
      let rest = 0;
      for (const id of ids) rest += weightOf(id);
      rest *= uniform;
      for (const id of ids) {
        rest -= weightOf(id);
        if (rest < 0) return id;
      }
      return mostLikely;
    },
  };
}
