import { describe, expect, it, test } from 'vitest';
import {
  flavoursFor,
  libraryFileNames,
  llamaReleaseFor,
  loadRemedy,
  reinstallLibrary,
} from '../../../../../../sidecar/engine/llama/native/libraryFiles.ts';

/** As they are in the packages of node-llama-cpp. */
test.each([
  ['linux-x64', 'libggml-base.so', 'libggml.v0.5.0.so', 'libllama.v0.5.0.so'],
  ['linux-arm64', 'libggml-base.so', 'libggml.v0.5.0.so', 'libllama.v0.5.0.so'],
  ['linux-x64-vulkan', 'libggml-base.so', 'libggml.vulkan.v0.5.0.so', 'libllama.vulkan.v0.5.0.so'],
  ['linux-x64-cuda', 'libggml-base.so', 'libggml.cuda.v0.5.0.so', 'libllama.cuda.v0.5.0.so'],
  ['mac-x64', 'libggml-base.dylib', 'libggml.v0.4.0.dylib', 'libllama.v0.4.0.dylib'],
  ['mac-arm64-metal', 'libggml-base.dylib', 'libggml.metal.v0.4.0.dylib', 'libllama.metal.v0.4.0.dylib'],
  ['win-arm64', 'ggml-base.dll', 'ggml.v0.4.0.dll', 'llama.v0.4.0.dll'],
  ['win-x64', 'ggml-base.dll', 'ggml.v0.4.0.dll', 'llama.v0.4.0.dll'],
  ['win-x64-vulkan', 'ggml-base.dll', 'ggml.vulkan.v0.4.0.dll', 'llama.vulkan.v0.4.0.dll'],
  ['win-x64-cuda', 'ggml-base.dll', 'ggml.cuda.v0.4.0.dll', 'llama.cuda.v0.4.0.dll'],
])('the libraries of %s are %s, %s and %s', (flavour, ggmlBase, ggml, llama) => {
  const platform = flavour.startsWith('mac') ? 'darwin' : flavour.startsWith('win') ? 'win32' : 'linux';
  expect(libraryFileNames(flavour, llamaReleaseFor(platform))).toEqual({ ggmlBase, ggml, llama });
});

describe('the flavours of a platform', () => {
  it.each([
    ['linux', 'x64', ['linux-x64-cuda', 'linux-x64-vulkan', 'linux-x64']],
    ['darwin', 'arm64', ['mac-arm64-metal']],
    ['darwin', 'x64', ['mac-x64']],
    ['win32', 'x64', ['win-x64-cuda', 'win-x64-vulkan', 'win-x64']],
    ['win32', 'arm64', ['win-arm64']],
    // Bindings write pointers of eight bytes.
    ['linux', 'arm', []],
    ['freebsd', 'x64', []],
  ] as const)('%s on %s: %j, best first', (platform, arch, flavours) => {
    expect(flavoursFor(platform, arch)).toEqual(flavours);
  });
});

test('what a library may lack is named for each system', () => {
  expect(loadRemedy('win32')).toContain('Visual C++');
  expect(loadRemedy('darwin')).toContain('macOS');
  expect(loadRemedy('linux')).toBe(reinstallLibrary);
});
