import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { findLlamaLibraries, llamaVersion } from '../../sidecar/engine/llama/libraryLocation.ts';
import { runTool } from './runTool.ts';

/** llama.cpp's own programs that the suites compare with. */
const tools = ['llama-bench', 'llama-batched-bench', 'llama-server'] as const;
export type LlamaTool = (typeof tools)[number];

/** Where each program is; null for one that is not at hand, and suites that compare with it then say so. */
export type LlamaToolPaths = Readonly<Record<LlamaTool, string | null>>;

/**
 * Built for this very processor (GGML_NATIVE), which is at least as fast as the prebuilt library with its variant
 * chosen at run time: the baseline is the best that this llama.cpp can do here.
 */
const buildOptions = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DBUILD_SHARED_LIBS=OFF',
  '-DLLAMA_CURL=OFF',
  '-DLLAMA_BUILD_TESTS=OFF',
  '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_UI=OFF',
  '-DLLAMA_USE_PREBUILT_UI=OFF',
] as const;

/** Folder of the programs built for the release that the engine uses. */
export function builtToolsFolder(cachePath: string): string {
  return join(cachePath, 'tools', 'llama.cpp', `v${llamaVersion}`, 'bin');
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
 * and puts them into `toolsFolder`. Needs npm, tar, git, cmake and a C++ compiler; ten minutes on two cores.
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
    const build = join(folder, 'build');
    await runTool('cmake', ['-S', source, '-B', build, ...buildOptions], { folder, ...loud }, signal);
    const targets = tools.flatMap((name) => ['--target', name]);
    await runTool('cmake', ['--build', build, '--parallel', ...targets], { folder, ...loud }, signal);
    await install(build, toolsFolder, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function install(build: string, toolsFolder: string, signal: AbortSignal): Promise<void> {
  await mkdir(toolsFolder, { recursive: true });
  for (const name of tools) {
    signal.throwIfAborted();
    const target = join(toolsFolder, name);
    await copyFile(join(build, 'bin', name), `${target}.part`);
    await rename(`${target}.part`, target);
  }
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
    'Install the versions of the lockfile again with "npm ci".',
  );
}
