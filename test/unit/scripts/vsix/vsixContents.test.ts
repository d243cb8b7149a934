import { describe, expect, it } from 'vitest';
import { vsixContents } from '../../../../scripts/vsix/vsixContents.mjs';

interface PackedFiles {
  readonly platform: string;
  readonly arch: string;
  readonly flavour: string;
  /** Files of the package of llama.cpp that go into the VSIX, and those that stay out. */
  readonly shipped: readonly string[];
  readonly left: readonly string[];
}

/** One back end of several for the processor is enough here. Names as in the packages of node-llama-cpp. */
const packages: readonly PackedFiles[] = [
  {
    platform: 'linux',
    arch: 'x64',
    flavour: 'linux-x64-cuda',
    shipped: ['libggml-base.so', 'libggml.cuda.v0.5.0.so', 'libllama.cuda.v0.5.0.so', 'libggml-cuda.so'],
    left: ['libllama-common.so', 'llama-addon.node'],
  },
  {
    platform: 'linux',
    arch: 'arm64',
    flavour: 'linux-arm64',
    shipped: ['libggml-base.so', 'libggml.v0.5.0.so', 'libllama.v0.5.0.so', 'libggml-cpu-armv8.2_1.so'],
    left: ['libllama-common.so', 'llama-addon.node'],
  },
  {
    platform: 'darwin',
    arch: 'arm64',
    flavour: 'mac-arm64-metal',
    shipped: [
      'libggml-base.dylib',
      'libggml.metal.v0.4.0.dylib',
      'libllama.metal.v0.4.0.dylib',
      'libggml-metal.so',
      'libggml-blas.so',
      'libggml-cpu-apple_m2_m3.so',
    ],
    left: ['libllama-common.dylib', 'llama-addon.node'],
  },
  {
    platform: 'darwin',
    arch: 'x64',
    flavour: 'mac-x64',
    shipped: [
      'libggml-base.dylib',
      'libggml.v0.4.0.dylib',
      'libllama.v0.4.0.dylib',
      'libggml-cpu-haswell.so',
    ],
    left: ['libllama-common.dylib', 'llama-addon.node'],
  },
  {
    platform: 'win32',
    arch: 'x64',
    flavour: 'win-x64-vulkan',
    shipped: ['ggml-base.dll', 'ggml.vulkan.v0.4.0.dll', 'llama.vulkan.v0.4.0.dll', 'ggml-vulkan.dll'],
    left: ['llama-common.dll', 'llama-addon.node', 'llama-addon.lib', 'llama-addon.exp'],
  },
  {
    platform: 'win32',
    arch: 'arm64',
    flavour: 'win-arm64',
    shipped: ['ggml-base.dll', 'ggml.v0.4.0.dll', 'llama.v0.4.0.dll', 'ggml-cpu.dll'],
    left: ['llama-common.dll', 'llama-addon.node', 'llama-addon.lib'],
  },
];

/** Files of an installed package that the rules take, of those given. */
function taken(rules: ReturnType<typeof vsixContents>, name: string, files: readonly string[]) {
  const own = rules.filter(({ to }) => to === `dist/node_modules/${name}`);
  return files.filter((file) => own.some(({ only }) => only?.test(file) === true));
}

describe.each(packages)('the VSIX with $flavour', ({ platform, arch, flavour, shipped, left }) => {
  const rules = vsixContents({ platform, arch, llamaFlavour: flavour, hasOnnxRuntime: true, folders: {} });
  const inBins = (names: readonly string[]): string[] => names.map((name) => `bins/${flavour}/${name}`);

  it('takes the library with its back ends and its licence, and nothing else of the package', () => {
    const wanted = ['LICENSE', 'package.json', ...inBins(shipped)];
    const others = ['README.md', 'dist/index.js', ...inBins(left)];
    expect(taken(rules, `@node-llama-cpp/${flavour}`, [...wanted, ...others])).toEqual(wanted);
  });

  it("takes koffi's binary of its platform alone", () => {
    const name = `@koromix/koffi-${platform}-${arch}`;
    const own = `${platform}_${arch}/koffi.node`;
    expect(taken(rules, name, [own, `musl_${arch}/koffi.node`, 'README.md', 'index.js'])).toEqual([
      own,
      'index.js',
    ]);
  });

  it('takes of ONNX Runtime what runs on the processor of its platform', () => {
    const ofAll = ['linux/x64', 'linux/arm64', 'darwin/arm64', 'win32/x64', 'win32/arm64'].flatMap((place) =>
      ['onnxruntime_binding.node', 'DirectML.dll', 'libonnxruntime.1.30.0.dylib'].map(
        (file) => `bin/napi-v6/${place}/${file}`,
      ),
    );
    const binding = `bin/napi-v6/${platform}/${arch}/onnxruntime_binding.node`;
    expect(taken(rules, 'onnxruntime-node', ofAll)).toEqual(ofAll.filter((file) => file === binding));
  });
});

it('leaves ONNX Runtime out where it has no binaries, and takes packages from where they were fetched', () => {
  const name = '@node-llama-cpp/mac-x64';
  const target = { platform: 'darwin', arch: 'x64', llamaFlavour: 'mac-x64', hasOnnxRuntime: false };
  const rules = vsixContents({ ...target, folders: { [name]: '/kept/mac-x64' } });
  expect(rules.filter(({ to }) => to.includes('onnxruntime'))).toEqual([]);
  expect(rules.find(({ to }) => to.endsWith(name))?.from).toBe('/kept/mac-x64');
  expect(rules.find(({ to }) => to.endsWith('/koffi'))?.from).toBe('node_modules/koffi');
});
