import type { Model } from '../engine/engine.ts';
import { llamaVersion } from '../engine/llama/native/libraryLocation.ts';
import { SpeedFile } from '../engine/speeds/speedFile.ts';
import { requireLocal } from '../engine/requireLocal.ts';
import { machineName } from '../process/machineName.ts';

/** What is kept of the speeds of a loaded model, under the key that its load has used. */
export function speedsOfLoaded({ info }: Model, requestedThreads: number): SpeedFile {
  return new SpeedFile(requireLocal(info).path, {
    modelHash: info.identity.hash,
    requestedThreads,
    machine: machineName(),
    backend: info.backend,
    release: llamaVersion,
  });
}
