import type { ModelInfo } from '../../engine/engine.ts';
import type { LoadedEstimator } from '../../request/difficultyEstimator.ts';
import { entropyRule, uncalibratedThresholds } from './entropyRule.ts';
import { loadProbe } from './probe.ts';

/**
 * The best judge of difficulty there is for a model: its probe from the first of the folders that has one which can be
 * used, else the entropy rule. A probe that cannot be used is a note. Never rejects.
 */
export async function loadEstimator(
  probeFolders: readonly string[],
  info: ModelInfo,
): Promise<LoadedEstimator> {
  const rule = entropyRule(uncalibratedThresholds);
  const notes: string[] = [];
  if (info.identity.adapter !== undefined && info.identity.adapter.scale !== 0) {
    // A probe reads states of the model as it is.
    return { estimator: rule, notes: ['No difficulty probe serves while an adapter changes the model.'] };
  }
  for (const folder of probeFolders) {
    const { probe, note } = await loadProbe(folder, info, rule);
    if (note !== null) notes.push(note);
    if (probe !== null) return { estimator: probe, notes };
  }
  return { estimator: rule, notes };
}
