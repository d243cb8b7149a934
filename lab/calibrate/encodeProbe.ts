import { encodeOnnx, gemmTransposed, node, tensor } from './encodeOnnx.ts';
import { classCount, type ProbeNetwork } from './probeNetwork.ts';

/**
 * A probe as an ONNX file: one row of `inputSize` floats named `hidden` in, three `probabilities` out, the metadata
 * beside. The same arguments give the same bytes.
 */
export function encodeProbe(network: ProbeNetwork, metadata: ReadonlyMap<string, string>): Uint8Array {
  const { inputSize, unitCount, w1, b1, w2, b2 } = network;
  return encodeOnnx(
    {
      name: 'difficultyProbe',
      nodes: [
        node('Gemm', ['hidden', 'w1', 'b1'], 'summed', gemmTransposed),
        node('Relu', ['summed'], 'rectified', []),
        node('Gemm', ['rectified', 'w2', 'b2'], 'logits', gemmTransposed),
        node('Softmax', ['logits'], 'probabilities', []),
      ],
      tensors: [
        tensor('w1', [unitCount, inputSize], w1),
        tensor('b1', [unitCount], b1),
        tensor('w2', [classCount, unitCount], w2),
        tensor('b2', [classCount], b2),
      ],
      inputs: [{ name: 'hidden', shape: [1, inputSize] }],
      output: { name: 'probabilities', shape: [1, classCount] },
    },
    metadata,
  );
}
