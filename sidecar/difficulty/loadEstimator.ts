import type { ModelInfo } from '../engine/engine.ts';
import type { DifficultyEstimator } from './difficultyEstimator.ts';
import { entropyRule, uncalibratedThresholds } from './entropyRule.ts';
import { loadProbe } from './probe.ts';

export interface LoadedEstimator {
  /** Owned by the caller. */
  readonly estimator: DifficultyEstimator;
  /** Sentences for the health value: what works with less than all its parts. */
  readonly notes: readonly string[];
}

/**
 * The best judge of difficulty there is for a model: its probe from the folder of probes, else the entropy rule.
 * A probe that cannot be used is a note. Never rejects.
 */
export async function loadEstimator(probeFolder: string, info: ModelInfo): Promise<LoadedEstimator> {
  const rule = entropyRule(uncalibratedThresholds);
  const { probe, note } = await loadProbe(probeFolder, info, rule);
  return { estimator: probe ?? rule, notes: note === null ? [] : [note] };
}
