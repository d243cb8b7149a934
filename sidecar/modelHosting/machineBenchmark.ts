import { ownProcessorMs } from '../engine/llama/decoding/machineLoad.ts';
import { later } from '../process/later.ts';
import { speedsOfLoaded } from './speedsOfLoaded.ts';
import { type BenchmarkDependencies, StartupBenchmark } from './startupBenchmark.ts';

/** The benchmark of this machine's models: what it measures is kept beside them. */
export function machineBenchmark(
  dependencies: Pick<BenchmarkDependencies, 'isQuiet' | 'onMeasured' | 'log' | 'now'>,
): StartupBenchmark {
  return new StartupBenchmark({
    ...dependencies,
    speedsOf: speedsOfLoaded,
    processorMs: ownProcessorMs,
    schedule: later,
  });
}
