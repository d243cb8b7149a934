import type { ModelPace } from '../../protocol/health.ts';
import { createLlamaEngine } from '../engine/llama/llamaEngine.ts';
import { machineBenchmark } from '../modelHosting/machineBenchmark.ts';
import { knownIdentity, type ModelFile } from '../models/modelStore.ts';
import { systemClock } from '../process/clock.ts';
import { present } from '../validation/fieldReader.ts';
import { commandLineTrials } from './commandLineTrials.ts';

/** Cells for every sequence of a measurement, with room to spare. */
const contextTokens = 2_048;
/** Threads as an editor asks for them: those that are measured to be best. */
const threads = 0;

/**
 * Loads a file as a sidecar does by default and measures what is not known of its speed on this machine; null where it could not
 * be measured. Throws as a load does.
 */
export async function measureFile(
  file: ModelFile,
  { bundleFolder, log }: { readonly bundleFolder: string; readonly log: (line: string) => void },
  signal: AbortSignal,
): Promise<ModelPace | null> {
  const engine = createLlamaEngine({ bundleFolder, trials: commandLineTrials(bundleFolder) });
  const benchmark = machineBenchmark({
    isQuiet: () => true,
    onMeasured: () => undefined,
    log,
    now: () => systemClock.now(),
  });
  try {
    const options = { contextTokens, maxSequences: 1, threads, speculation: 'auto' } as const;
    const model = await engine.load(
      file.path,
      { ...options, ...present({ identity: knownIdentity(file) }) },
      signal,
    );
    return await benchmark.measureNow(model, threads, signal);
  } finally {
    await engine.dispose();
  }
}
