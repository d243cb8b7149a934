import type { LoadOptions } from '../../engine.ts';
import { isSteady } from '../../speeds/measuredSpeeds.ts';
import type { SpeedFile } from '../../speeds/speedFile.ts';
import type { DrafterMaker } from '../../speculation/drafter.ts';
import { ModelSpeculation } from '../../speculation/modelSpeculation.ts';
import { ownProcessorMs } from '../decoding/machineLoad.ts';
import { type CurveDependencies, measureBatchCurve } from './measureBatchCurve.ts';

export interface SpeculationTask {
  readonly mode: LoadOptions['speculation'];
  /** Speeds of this model on this machine. */
  readonly speeds: Pick<SpeedFile, 'read' | 'keep'>;
  readonly makers: readonly DrafterMaker[];
  /** Threads of a step; null where it is not the processor that computes. */
  readonly threads: number | null;
}

/** What a model's sequences speculate with, and what to do when it is unloaded. */
export interface OpenSpeculation {
  readonly speculation: ModelSpeculation;
  /** Keeps what the calls have taught of their cost. */
  readonly close: () => void;
}

/**
 * Speculation of a model that was just loaded; null where it is off. Where the cost of its calls is not known from an
 * earlier load on this machine it is measured now, in one to two and a half seconds, and kept beside the model file.
 */
export function openSpeculation(
  dependencies: CurveDependencies,
  task: SpeculationTask,
): OpenSpeculation | null {
  const { mode, makers, speeds, threads } = task;
  if (mode === 'off') return null;
  // What is drafted in any case needs no price.
  if (mode === 'on') {
    return { speculation: new ModelSpeculation({ mode, curve: [], makers }), close: () => undefined };
  }
  const known = speeds.read().curve;
  const startedMs = dependencies.now();
  const spentMs = ownProcessorMs();
  const curve = known ?? measureBatchCurve(dependencies);
  if (known === null) {
    const spent = { durationMs: dependencies.now() - startedMs, processorMs: ownProcessorMs() - spentMs };
    speeds.keep({ curve, isCurveSteady: threads === null || isSteady(spent, threads) });
  }
  const speculation = new ModelSpeculation({ mode, curve, makers });
  return {
    speculation,
    close: () => {
      speeds.keep({ curve: speculation.curve() });
    },
  };
}
