import { access, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { reinstallLibrary } from '../../../sidecar/engine/llama/native/libraryFiles.ts';
import { findLlamaLibraries, llamaVersion } from '../../../sidecar/engine/llama/native/libraryLocation.ts';
import { runTool } from './runTool.ts';

/** llama.cpp's own programs that the suites compare with. */
const tools = ['llama-bench', 'llama-batched-bench', 'llama-server'] as const;
export type LlamaTool = (typeof tools)[number];

/** Where each program is; null for one that is not at hand, and suites that compare with it then say so. */
export type LlamaToolPaths = Readonly<Record<LlamaTool, string | null>>;

/**
 * Shared libraries whose processor back end is looked for beside the program: the prebuilt one that the engine loads is
 * put there, so that both sides compute with the same kernels and what differs is how they are driven. A build for this
 * very processor would depend on the compiler at hand, and GCC 12's does not survive its first matrix where there are
 * AMX tiles.
 */
const buildOptions = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DBUILD_SHARED_LIBS=ON',
  '-DGGML_BACKEND_DL=ON',
  '-DGGML_NATIVE=OFF',
  '-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON',
  '-DCMAKE_INSTALL_RPATH=$ORIGIN',
  '-DLLAMA_CURL=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_UI=OFF',
  '-DLLAMA_USE_PREBUILT_UI=OFF',
] as const;

/** A processor back end of llama.cpp, one of several for the loader to choose from. */
const isProcessorBackEnd = (name: string): boolean => name.startsWith('libggml-cpu');

/** Folder of the programs built for the release that the engine uses. */
export function builtToolsFolder(cachePath: string): string {
  return join(cachePath, 'tools', 'llama.cpp', `v${llamaVersion}`, 'bin');
}

/** Folder of the public chat templates that came with the source of the programs in `toolsFolder`. */
export function templatesFolder(toolsFolder: string): string {
  return join(toolsFolder, '..', 'templates');
}

/** The programs that lie in a folder. */
export async function findLlamaTools(folder: string): Promise<LlamaToolPaths> {
  const find = async (tool: LlamaTool): Promise<string | null> => {
    const path = join(folder, tool);
    return access(path).then(
      () => path,
      () => null,
    );
  };
  return {
    'llama-bench': await find('llama-bench'),
    'llama-batched-bench': await find('llama-batched-bench'),
    'llama-server': await find('llama-server'),
  };
}

/**
 * Builds the programs from the llama.cpp source inside the npm package of the very library that the engine loads,
 * and puts them into `toolsFolder`, and the source's chat templates beside it. Needs npm, tar, git, cmake and a C++ compiler; ten minutes on two cores.
 */
export async function buildLlamaTools(
  toolsFolder: string,
  bundleFolder: string,
  signal: AbortSignal,
): Promise<void> {
  const version = await packageVersion(bundleFolder);
  const folder = await mkdtemp(join(tmpdir(), 'entropane-llama-'));
  try {
    const loud = { isLoud: true };
    const packed = await runTool(
      'npm',
      ['pack', `node-llama-cpp@${version}`, '--silent'],
      { folder, ...loud },
      signal,
    );
    await runTool(
      'tar',
      ['xzf', packed.trim(), 'package/llama/gitRelease.bundle'],
      { folder, ...loud },
      signal,
    );
    const source = join(folder, 'source');
    await runTool(
      'git',
      ['clone', '--quiet', join(folder, 'package/llama/gitRelease.bundle'), source],
      { folder, ...loud },
      signal,
    );
    await cp(join(source, 'models/templates'), templatesFolder(toolsFolder), { recursive: true });
    const build = join(folder, 'build');
    await runTool('cmake', ['-S', source, '-B', build, ...buildOptions], { folder, ...loud }, signal);
    const targets = tools.flatMap((name) => ['--target', name]);
    await runTool(
      'cmake',
      ['--build', build, '--parallel', String(availableParallelism()), ...targets],
      { folder, ...loud },
      signal,
    );
    await install(
      build,
      findLlamaLibraries(bundleFolder, process.platform, process.arch).folder,
      toolsFolder,
      signal,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Programs, their libraries and the engine's processor back ends, in a folder that is there once it is whole. */
async function install(
  build: string,
  backEnds: string,
  toolsFolder: string,
  signal: AbortSignal,
): Promise<void> {
  const built = join(build, 'bin');
  const libraries = (await readdir(built)).filter(
    (name) => name.includes('.so') && !isProcessorBackEnd(name),
  );
  const prebuilt = (await readdir(backEnds)).filter(isProcessorBackEnd);
  const files = [
    ...[...tools, ...libraries].map((name) => join(built, name)),
    ...prebuilt.map((name) => join(backEnds, name)),
  ];
  const part = `${toolsFolder}.part`;
  for (const folder of [part, toolsFolder]) await rm(folder, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  for (const file of files) {
    signal.throwIfAborted();
    // One library has several names: as copies they would be loaded beside each other.
    await cp(file, join(part, basename(file)), { verbatimSymlinks: true });
  }
  await rename(part, toolsFolder);
}

/** Version of the npm package that the engine's library comes from. */
async function packageVersion(bundleFolder: string): Promise<string> {
  const { folder } = findLlamaLibraries(bundleFolder, process.platform, process.arch);
  const manifest: unknown = JSON.parse(await readFile(resolve(folder, '../../package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version);
  throw new CodedError(
    'library.incompatible',
    `The llama.cpp package in ${basename(folder)} names no version.`,
    reinstallLibrary,
  );
}
