import { valueFeatureNames } from '../../../sidecar/reasoning/value/valueFeatures.ts';
import { encodeOnnx, gemmTransposed, node, tensor } from '../encodeOnnx.ts';
import type { ValueBasis } from '../valueSet/valueBasis.ts';
import type { ValueHeads } from './chooseHead.ts';
import type { LinearHead } from './linearHead.ts';

/** Rows of the weights: how a point is read as a line end, then as an answer. */
const headCount = 2;

/**
 * A value head as an ONNX file: any number of rows of `hidden` states and of `features` in, two `values` a row out. Components and
 * standardisation are folded into one weight for each value of the state. The same arguments give the same bytes.
 */
export function encodeValueHead(
  { lineEnd, answer }: Pick<ValueHeads, 'lineEnd' | 'answer'>,
  basis: ValueBasis,
  metadata: ReadonlyMap<string, string>,
): Uint8Array {
  const folded = [lineEnd, answer].map((head) => foldedInto(head, basis));
  const { hiddenSize } = basis;
  const featureCount = valueFeatureNames.length;
  return encodeOnnx(
    {
      name: 'valueHead',
      nodes: [
        node('Gemm', ['hidden', 'stateWeights', 'biases'], 'fromState', gemmTransposed),
        node('Gemm', ['features', 'featureWeights'], 'fromFeatures', gemmTransposed),
        node('Add', ['fromState', 'fromFeatures'], 'logits', []),
        node('Sigmoid', ['logits'], 'values', []),
      ],
      tensors: [
        tensor('stateWeights', [headCount, hiddenSize], joined(folded.map(({ weights }) => weights))),
        tensor(
          'biases',
          [headCount],
          Float64Array.from(folded, ({ bias }) => bias),
        ),
        tensor(
          'featureWeights',
          [headCount, featureCount],
          joined([lineEnd.featureWeights, answer.featureWeights]),
        ),
      ],
      inputs: [
        { name: 'hidden', shape: ['points', hiddenSize] },
        { name: 'features', shape: ['points', featureCount] },
      ],
      output: { name: 'values', shape: ['points', headCount] },
    },
    metadata,
  );
}

/** wᵀ·P·(h − μ)/s + b as one product with h. */
function foldedInto(
  { scoreWeights, bias }: LinearHead,
  { hiddenSize, means, deviations, components }: ValueBasis,
): { readonly weights: Float64Array; readonly bias: number } {
  const weights = new Float64Array(hiddenSize);
  let shift = 0;
  for (let i = 0; i < hiddenSize; i++) {
    let sum = 0;
    for (let c = 0; c < scoreWeights.length; c++)
      sum += (scoreWeights[c] ?? 0) * (components[c * hiddenSize + i] ?? 0);
    // Rounded as the file has it, so that the bias makes up for the rounding at the mean.
    const weight = Math.fround(sum / (deviations[i] ?? 1));
    weights[i] = weight;
    shift += weight * (means[i] ?? 0);
  }
  return { weights, bias: bias - shift };
}

function joined(rows: readonly Float64Array[]): Float64Array {
  return Float64Array.from(rows.flatMap((row) => [...row]));
}
