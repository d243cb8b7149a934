import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { findLlamaLibraries, llamaVersion } from '../../sidecar/engine/llama/libraryLocation.ts';
import { runTool } from './runTool.ts';

/** llama.cpp's own programs that the suites compare with. */
const tools = ['llama-bench', 'llama-server'] as const;
export type LlamaTool = (typeof tools)[number];

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
] as const;

/** Path of a tool built earlier for the release that the engine uses, or null. */
export async function findLlamaTool(tool: LlamaTool, cachePath: string): Promise<string | null> {
  const path = join(toolsFolder(cachePath), tool);
  return access(path).then(
    () => path,
    () => null,
  );
}

/**
 * Builds the tools from the llama.cpp source inside the npm package of the very library that the engine loads.
 * Needs npm, tar, git, cmake and a C++ compiler; ten minutes on two cores. Returns the path of `tool`.
 */
export async function buildLlamaTools(
  tool: LlamaTool,
  cachePath: string,
  bundleFolder: string,
  signal: AbortSignal,
): Promise<string> {
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
    return await install(build, tool, cachePath);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function install(build: string, tool: LlamaTool, cachePath: string): Promise<string> {
  const folder = toolsFolder(cachePath);
  await mkdir(folder, { recursive: true });
  for (const name of tools) {
    const target = join(folder, name);
    await runTool('cp', [join(build, 'bin', name), `${target}.part`], {}, new AbortController().signal);
    await rename(`${target}.part`, target);
  }
  return join(folder, tool);
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

function toolsFolder(cachePath: string): string {
  return join(cachePath, 'tools', 'llama.cpp', `v${llamaVersion}`, 'bin');
}
