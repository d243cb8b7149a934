/** Platforms that the pinned onnxruntime-node has binaries for; a test compares them with the package. */
const published: ReadonlySet<string> = new Set([
  'darwin-arm64',
  'linux-arm64',
  'linux-x64',
  'win32-arm64',
  'win32-x64',
]);

/** Whether ONNX Runtime, which runs probes of difficulty, exists for a platform. Without it the entropy rule judges. Pure. */
export function isOnnxRuntimePublished({
  platform,
  arch,
}: {
  readonly platform: string;
  readonly arch: string;
}): boolean {
  return published.has(`${platform}-${arch}`);
}
