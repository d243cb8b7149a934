/**
 * What goes into the VSIX, and where. An allow-list: a file that no rule names stays out, and a rule that names no
 * file is an error. `only` is matched against the path inside `from`, with forward slashes.
 *
 * Native packages go to `dist/node_modules`, where the bundles look first: vsce takes a top-level `node_modules` only
 * along with everything that its packages declare, build tools included.
 *
 * @typedef {object} ContentRule
 * @property {string} from
 * @property {string} to
 * @property {RegExp} [only]
 *
 * @param {{ platform: string, arch: string, llamaFlavour: string }} target
 * @returns {readonly ContentRule[]}
 */
export function vsixContents({ platform, arch, llamaFlavour }) {
  const koffiBinary = `@koromix/koffi-${platform}-${arch}`;
  const llama = `@node-llama-cpp/${llamaFlavour}`;
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
    native('onnxruntime-common', /^(package\.json|dist\/cjs\/([\w-]+\.js|package\.json))$/),
    native('onnxruntime-node', /^(package\.json|dist\/\w+\.js)$/),
    native('onnxruntime-node', new RegExp(`^bin/napi-v\\d+/${platform}/${arch}/`)),
    // The library's own Node addon and its command line's helper library are not loaded by anything here.
    native(
      llama,
      /^(package\.json|LICENSE|bins\/[\w-]+\/(_\w+\.json|lib(ggml|llama\.)[\w.-]*|ggml[\w.-]*|llama\.dll))$/,
    ),
  ];
}

function native(name, only) {
  return { from: `node_modules/${name}`, to: `dist/node_modules/${name}`, only };
}
