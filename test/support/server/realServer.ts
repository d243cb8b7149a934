import path from 'node:path';
import {
  buildLlamaTools,
  builtToolsFolder,
  findLlamaTools,
} from '../../../lab/bench/baselines/llamaCppTools.ts';
import { LlamaServer } from '../../../lab/bench/baselines/llamaServer.ts';
import { cacheFolder } from '../../../lab/bench/cacheFolder.ts';
import { unhurried } from '../engine/generating.ts';
import { installedModelPath } from '../engine/realEngine.ts';

/** A real llama-server in two slots of 1024 tokens, with the smallest model unless another is named. Its caller stops it. */
export async function startRealServer(
  flags: readonly string[] = [],
  modelPath?: string,
): Promise<LlamaServer> {
  const options = {
    modelPath: modelPath ?? (await installedModelPath('smollm2-135m')),
    threads: 1,
    contextTokens: 2048,
    slots: 2,
    flags,
  };
  return LlamaServer.start(await serverProgram(), options, unhurried);
}

/** The program that the benches compare with; it is built where it is not there yet, from a source whose templates lie beside it then. */
export async function serverProgram(): Promise<string> {
  const folder = builtToolsFolder(cacheFolder(process.env));
  const bundleFolder = path.resolve(import.meta.dirname, '../../../dist');
  const built = (await findLlamaTools(folder))['llama-server'];
  if (built !== null) return built;
  await buildLlamaTools(folder, bundleFolder, unhurried);
  return path.join(folder, 'llama-server');
}
