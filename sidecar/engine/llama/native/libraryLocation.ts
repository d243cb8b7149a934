import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CodedError } from '../../../../protocol/codedError.ts';
import { isRecord } from '../../../../protocol/isRecord.ts';
import { flavoursFor, libraryFileNames, llamaReleaseFor, reinstallLibrary } from './libraryFiles.ts';

/** The llama.cpp release of this platform's builds. File names and the library itself must both say so. */
export const llamaVersion = llamaReleaseFor(process.platform);

/** Shared libraries of one build of llama.cpp, as node-llama-cpp packs them. Absolute paths. */
export interface LlamaLibraries {
  /** Such as `linux-x64-cuda`: operating system, processor and GPU back end. */
  readonly flavour: string;
  /** Version of the node-llama-cpp package they come in, another number than llama.cpp's own; null where it gives none. */
  readonly packageVersion: string | null;
  readonly folder: string;
  readonly ggmlBase: string;
  readonly ggml: string;
  readonly llama: string;
}

/**
 * The best flavour installed in a `node_modules` folder at or above `startFolder`. Throws `library.missing` when
 * there is none, `library.incompatible` when only other releases are there.
 */
export function findLlamaLibraries(
  startFolder: string,
  platform: NodeJS.Platform,
  arch: string,
): LlamaLibraries {
  const flavours = flavoursFor(platform, arch);
  if (flavours.length === 0) {
    throw new CodedError(
      'library.missing',
      `There is no llama.cpp build for ${platform} on ${arch}.`,
      'Run Entropane on Linux, macOS or Windows, with an x64 or arm64 processor.',
    );
  }
  const release = llamaReleaseFor(platform);
  let otherRelease: string | null = null;
  for (const modules of moduleFoldersAbove(startFolder)) {
    for (const flavour of flavours) {
      const packageFolder = join(modules, '@node-llama-cpp', flavour);
      const folder = join(packageFolder, 'bins', flavour);
      if (!existsSync(folder)) continue;
      const names = libraryFileNames(flavour, release);
      const found: LlamaLibraries = {
        flavour,
        packageVersion: versionOf(packageFolder),
        folder,
        ggmlBase: join(folder, names.ggmlBase),
        ggml: join(folder, names.ggml),
        llama: join(folder, names.llama),
      };
      if ([found.ggmlBase, found.ggml, found.llama].every((file) => existsSync(file))) return found;
      otherRelease = `${folder} (${readdirSync(folder).join(', ')})`;
    }
  }
  if (otherRelease !== null) {
    throw new CodedError(
      'library.incompatible',
      `llama.cpp ${release} is needed, and another release is installed in ${otherRelease}.`,
      reinstallLibrary,
    );
  }
  throw new CodedError(
    'library.missing',
    `llama.cpp is not installed: no package @node-llama-cpp/${flavours.join(' or ')} was found above ${startFolder}.`,
    reinstallLibrary,
  );
}

function versionOf(packageFolder: string): string | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
    return isRecord(manifest) && typeof manifest.version === 'string' ? manifest.version : null;
  } catch {
    return null;
  }
}

function* moduleFoldersAbove(startFolder: string): Generator<string> {
  let folder = startFolder;
  for (;;) {
    const modules = join(folder, 'node_modules');
    if (existsSync(modules)) yield modules;
    const parent = dirname(folder);
    if (parent === folder) return;
    folder = parent;
  }
}
