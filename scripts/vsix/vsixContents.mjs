/**
 * What goes into the VSIX, and where. An allow-list: a file that no rule names stays out, and a rule that names no
 * file is an error. `only` is matched against the path inside `from`, with forward slashes.
 *
 * Native packages go to `dist/node_modules`, where the bundles look first: vsce takes a top-level `node_modules` only
 * along with everything that its packages declare, build tools included.
 *
 * @typedef {object} ContentRule
 * @property {string} from relative to the checkout, or absolute
 * @property {string} to
 * @property {RegExp} [only]
 *
 * @typedef {object} ContentTarget
 * @property {string} platform
 * @property {string} arch
 * @property {string} llamaFlavour
 * @property {boolean} hasOnnxRuntime whether its package has binaries of this platform
 * @property {Readonly<Record<string, string>>} folders where native packages lie that are not in `node_modules`
 *
 * @param {ContentTarget} target
 * @returns {readonly ContentRule[]}
 */
export function vsixContents({ platform, arch, llamaFlavour, hasOnnxRuntime, folders }) {
  const koffiBinary = `@koromix/koffi-${platform}-${arch}`;
  const llama = `@node-llama-cpp/${llamaFlavour}`;
  const native = (name, only) => ({
    from: folders[name] ?? `node_modules/${name}`,
    to: `dist/node_modules/${name}`,
    only,
  });
  return [
    { from: 'README.md', to: 'README.md' },
    { from: 'CHANGELOG.md', to: 'CHANGELOG.md' },
    { from: 'LICENSE', to: 'LICENSE' },
    {
      from: 'media',
      to: 'media',
      only: /^(icon\.(png|svg)|walkthrough\/\w+\.md|screenshots\/\w+\.png|probes\/[\w.]+\.(onnx|md|svg))$/,
    },
    {
      from: 'dist',
      to: 'dist',
      only: /^((extension|sidecar|engineThread|templateProgram|watchdogThread|commandGuard)\.cjs|statistics\.wasm|LICENSES\.txt)$/,
    },
    { from: 'dist/syntax', to: 'dist/syntax', only: /^(LICENSE|tree-sitter(-[a-z-]+)?\.wasm)$/ },
    { from: 'dist/webview', to: 'dist/webview', only: /^(panel|replay)\.(js|css)$/ },
    native('koffi', /^(package\.json|LICENSE\.txt|index\.cjs|src\/koffi\/(index\.cjs|src\/\w+\.cjs))$/),
    native(koffiBinary, new RegExp(`^(package\\.json|index\\.js|${platform}_${arch}/koffi\\.node)$`)),
    ...(hasOnnxRuntime
      ? [
          native('onnxruntime-common', /^(package\.json|dist\/cjs\/([\w-]+\.js|package\.json))$/),
          native('onnxruntime-node', /^(package\.json|dist\/\w+\.js)$/),
          native('onnxruntime-node', new RegExp(`^bin/napi-v\\d+/${platform}/${arch}/${onnxLibrary}$`)),
        ]
      : []),
    native(llama, llamaFiles),
  ];
}

/**
 * What probes run with, on the processor. Left out: what draws on a GPU with DirectX (`DirectML`, `dxcompiler`, `dxil`,
 * loaded by those back ends alone), and on macOS a second copy of the library under its full version.
 */
const onnxLibrary =
  '(onnxruntime_binding\\.node|libonnxruntime\\.so\\.1|libonnxruntime\\.1\\.dylib|onnxruntime\\.dll)';

/**
 * The library and its back ends, by the names of every platform. The package's own Node addon and the helper library of
 * its command line are not loaded by anything here.
 */
const llamaFiles =
  /^(package\.json|LICENSE|bins\/[\w-]+\/(_\w+\.json|lib(ggml|llama\.)[\w.-]*|ggml[\w.-]*|llama\.[\w.]+\.dll))$/;
