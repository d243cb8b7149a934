import type { Model } from '../engine/engine.ts';
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
 * A probe that cannot be used is a note. Rejects only when the signal aborts or the engine fails.
 */
export async function loadEstimator(
  probeFolder: string,
  model: Model,
  signal: AbortSignal,
): Promise<LoadedEstimator> {
  const rule = entropyRule(uncalibratedThresholds);
  const { probe, note } = await loadProbe(probeFolder, model.info, rule);
  if (probe === null) return { estimator: rule, notes: note === null ? [] : [note] };
  if (await givesHiddenState(model, signal)) return { estimator: probe, notes: [] };
  await probe.dispose();
  const unfed = 'The difficulty probe is not used: this engine build gives no hidden state.';
  return { estimator: rule, notes: [unfed] };
}

async function givesHiddenState(model: Model, signal: AbortSignal): Promise<boolean> {
  const sequence = await model.openSequence({ priority: 'interactive' }, signal);
  await sequence.dispose();
  return sequence.lastHiddenState !== undefined;
}
