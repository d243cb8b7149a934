import { CodedError } from '../../protocol/codedError.ts';
import type { LlamaLibrary } from '../../sidecar/engine/llama/native/llamaBindings.ts';
import { openNativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import { type GgmlType, ggmlTypes } from '../../sidecar/gguf/ggmlTypes.ts';
import { tensorSizeBytes } from '../../sidecar/gguf/parseGgufHeader.ts';
import type { TensorCodec } from './tensorCodec.ts';

const float32TypeId = 0;

/** ggml's own encoders and decoders, called on this thread. Throws as `openNativeRuntime` does. */
export function openTensorCodec(bundleFolder: string): TensorCodec {
  const { library } = openNativeRuntime(bundleFolder);
  return {
    decode: (typeId, bytes) => decode(library, typeId, bytes),
    encode: (typeId, values, rowElements) => encode(library, typeId, values, rowElements),
  };
}

function decode(library: LlamaLibrary, typeId: number, bytes: Uint8Array): Float32Array {
  const { blockElements, blockBytes } = typeOf(library, typeId);
  const elements = (bytes.byteLength / blockBytes) * blockElements;
  // An array of its own buffer: small ones would live in the heap, which may move them.
  const values = new Float32Array(new ArrayBuffer(elements * 4));
  // ggml has no decoder for what needs none.
  if (typeId === float32TypeId) new Uint8Array(values.buffer).set(bytes);
  else if (library.elementType(typeId).isDecodable) library.toFloats(typeId, bytes, values, elements);
  else throw unsupported(typeId, 'decoded');
  return values;
}

function encode(
  library: LlamaLibrary,
  typeId: number,
  values: Float32Array,
  rowElements: number,
): Uint8Array {
  const type = typeOf(library, typeId);
  const rows = values.length / rowElements;
  const sizeBytes = tensorSizeBytes([rowElements, rows], type);
  if (sizeBytes === null || library.needsImportance(typeId)) throw unsupported(typeId, 'encoded');
  const bytes = new Uint8Array(sizeBytes);
  const written = library.fromFloats(typeId, values, bytes, rows, rowElements);
  if (written !== sizeBytes) throw unsupported(typeId, 'encoded');
  return bytes;
}

/** The type as this program knows it, once it is certain that the library stores it the same way. */
function typeOf(library: LlamaLibrary, typeId: number): GgmlType {
  const known = ggmlTypes.get(typeId);
  if (known === undefined) throw unsupported(typeId, 'read');
  const native = library.elementType(typeId);
  if (native.blockElements !== known.blockElements || native.blockBytes !== known.blockBytes) {
    throw unsupported(typeId, 'read');
  }
  return known;
}

function unsupported(typeId: number, what: 'read' | 'decoded' | 'encoded'): CodedError {
  return new CodedError(
    'model.unsupported',
    `Weights of type ${ggmlTypes.get(typeId)?.name ?? typeId} cannot be ${what}.`,
    'Use a model in another quantisation, such as Q4_K_M or Q8_0.',
  );
}
