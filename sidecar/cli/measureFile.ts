import { fileSource } from '../engine/engineSource.ts';
import { createLlamaEngine } from '../engine/llama/llamaEngine.ts';
import type { MeasuredSpeeds } from '../engine/speeds/measuredSpeeds.ts';
import { machineBenchmark } from '../modelHosting/machineBenchmark.ts';
import { speedsOfLoaded } from '../modelHosting/speedsOfLoaded.ts';
import { knownIdentity, type ModelFile } from '../models/modelStore.ts';
import { systemClock } from '../process/clock.ts';
import { present } from '../validation/fieldReader.ts';
import { commandLineTrials } from './commandLineTrials.ts';

/** Cells for every sequence of a measurement, with room to spare. */
const contextTokens = 2_048;
/** Threads as an editor asks for them: those that are measured to be best. */
const threads = 0;

/**
 * Loads a file as a sidecar does by default, measures what is not known of its speed on this machine, and returns what is known
 * then. Throws as a load does.
 */
export async function measureFile(
  file: ModelFile,
  { bundleFolder, log }: { readonly bundleFolder: string; readonly log: (line: string) => void },
  signal: AbortSignal,
): Promise<MeasuredSpeeds> {
  const engine = createLlamaEngine({ bundleFolder, trials: commandLineTrials(bundleFolder) });
  const benchmark = machineBenchmark({
    isQuiet: () => true,
    onMeasured: () => undefined,
    log,
    now: () => systemClock.now(),
  });
  try {
    const options = { contextTokens, maxSequences: 1, threads, speculation: 'auto' } as const;
    const model = await engine.open(
      fileSource(file.path),
      { ...options, ...present({ identity: knownIdentity(file) }) },
      signal,
    );
    await benchmark.measureNow(model, threads, signal);
    return speedsOfLoaded(model, threads).read();
  } finally {
    await engine.dispose();
  }
}
