/**
 * Flavours that can run on this machine, best first: those with a GPU back end come before the plain one, because
 * they fall back to the processor when no device answers.
 */
export function flavoursFor(platform: NodeJS.Platform, arch: string): readonly string[] {
  switch (`${platform}-${arch}`) {
    case 'linux-x64':
      return ['linux-x64-cuda', 'linux-x64-vulkan', 'linux-x64'];
    case 'linux-arm64':
      return ['linux-arm64'];
    case 'darwin-arm64':
      return ['mac-arm64-metal'];
    case 'darwin-x64':
      return ['mac-x64'];
    case 'win32-x64':
      return ['win-x64-cuda', 'win-x64-vulkan', 'win-x64'];
    case 'win32-arm64':
      return ['win-arm64'];
    default:
      return [];
  }
}

/**
 * The llama.cpp release of the builds for a platform. Those for macOS and Windows come from an older release of
 * node-llama-cpp: docs/decisions/llamaLibrary.md. The bindings fit both.
 */
export function llamaReleaseFor(platform: NodeJS.Platform): string {
  return platform === 'linux' ? '0.5.0' : '0.4.0';
}

/**
 * File names of the three libraries of a flavour that are loaded by path, for a release such as `0.5.0`. They name the GPU
 * back end, such as `libllama.vulkan.v0.5.0.so`. Back ends are files beside them, which llama.cpp finds by itself; on macOS
 * those end in `.so` too. Metal's shaders are in its back end.
 */
export function libraryFileNames(
  flavour: string,
  version: string,
): { readonly ggmlBase: string; readonly ggml: string; readonly llama: string } {
  const [system = '', , gpu] = flavour.split('-');
  const prefix = system === 'win' ? '' : 'lib';
  const ending = { linux: '.so', mac: '.dylib', win: '.dll' }[system] ?? '.so';
  const release = gpu === undefined ? `v${version}` : `${gpu}.v${version}`;
  return {
    ggmlBase: `${prefix}ggml-base${ending}`,
    ggml: `${prefix}ggml.${release}${ending}`,
    llama: `${prefix}llama.${release}${ending}`,
  };
}

/** What to do where files of the library are missing, damaged or of another release: one imperative sentence. */
export const reinstallLibrary = 'Install the extension again, or run "npm start" once in a checkout.';

/** What to do where these files are there and cannot be loaded: one imperative sentence. Pure. */
export function loadRemedy(platform: NodeJS.Platform): string {
  if (platform === 'win32')
    return 'Install the Microsoft Visual C++ runtime (2015 to 2022) for this processor, which the library needs.';
  if (platform === 'darwin') return 'Update macOS to version 14 or newer, which the library is built for.';
  return reinstallLibrary;
}
