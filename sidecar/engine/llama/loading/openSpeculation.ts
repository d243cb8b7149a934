import type { ModelIdentity } from '../../../../protocol/traceEvent.ts';
import type { LoadOptions } from '../../engine.ts';
import {
  batchCurvePathOf,
  type CurveKey,
  readBatchCurve,
  writeBatchCurve,
} from '../../speculation/batchCurveFile.ts';
import type { DrafterMaker } from '../../speculation/drafter.ts';
import { ModelSpeculation } from '../../speculation/modelSpeculation.ts';
import { llamaVersion } from '../native/libraryLocation.ts';
import { type CurveDependencies, measureBatchCurve } from './measureBatchCurve.ts';

export interface SpeculationTask {
  readonly mode: LoadOptions['speculation'];
  readonly path: string;
  readonly identity: ModelIdentity;
  readonly backend: string;
  readonly threads: number;
  readonly makers: readonly DrafterMaker[];
}

/** What a model's sequences speculate with, and what to do when it is unloaded. */
export interface OpenSpeculation {
  readonly speculation: ModelSpeculation;
  /** Keeps what the calls have taught of their cost. */
  readonly close: () => void;
}

/**
 * Speculation of a model that was just loaded; null where it is off. Where the cost of its calls is not known from an
 * earlier load on this machine it is measured now, which takes one to two seconds, and kept beside the model file.
 */
export function openSpeculation(
  dependencies: CurveDependencies,
  task: SpeculationTask,
): OpenSpeculation | null {
  const { mode, makers, threads } = task;
  if (mode === 'off') return null;
  const path = batchCurvePathOf(task.path);
  const key: CurveKey = {
    modelHash: task.identity.hash,
    threads,
    machine: `${task.backend}, llama.cpp ${llamaVersion}`,
  };
  // What is drafted in any case needs no price.
  if (mode === 'on') {
    return { speculation: new ModelSpeculation({ mode, curve: [], makers }), close: () => undefined };
  }
  const known = readBatchCurve(path, key);
  const curve = known ?? measureBatchCurve(dependencies);
  if (known === null) writeBatchCurve(path, key, curve);
  const speculation = new ModelSpeculation({ mode, curve, makers });
  return {
    speculation,
    close: () => {
      writeBatchCurve(path, key, speculation.curve());
    },
  };
}
