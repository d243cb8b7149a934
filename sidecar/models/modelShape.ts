/** How the weights of a published file are kept. */
export type Quantisation = 'Q4_1' | 'Q4_K_M' | 'Q8_0' | 'MXFP4';

/**
 * What a model's own configuration says of its size, so that speed and memory can be estimated before it is fetched. Numbers of
 * weights are those of the file: some have the output beside the embeddings that it is made of. Those of a step count only the
 * experts that it uses.
 */
export interface ModelShape {
  readonly weights: number;
  /** Weights that one token passes through, embeddings and output left out. */
  readonly stepWeights: number;
  readonly vocabulary: number;
  readonly hidden: number;
  readonly blocks: number;
  readonly keyHeads: number;
  readonly headSize: number;
  readonly feedForward: number;
  readonly contextTokens: number;
  readonly quantisation: Quantisation;
}

/**
 * Bits of a weight on average: of the format itself where a file has one only, else as llama.cpp's `tools/quantize/README.md` has
 * it for a model of 8B.
 */
const bitsPerWeight: Readonly<Record<Quantisation, number>> = {
  Q4_1: 5,
  Q4_K_M: 4.89,
  Q8_0: 8.5,
  MXFP4: 4.6,
};

/** What a file of the shape takes, where the catalogue has no size. Pure. */
export function estimatedFileBytes({ weights, quantisation }: ModelShape): number {
  return (weights * bitsPerWeight[quantisation]) / 8;
}

/** What a step reads and what a token of a prompt is multiplied with: the two that speed goes by. */
export interface ModelWork {
  readonly bytesPerStep: number;
  readonly weightsPerPromptToken: number;
}

/**
 * The work of a model whose file has so many bytes: a step reads the weights that a token passes through and those of the output;
 * a token of a prompt needs no output. Pure.
 */
export function workOf(shape: ModelShape, fileBytes: number): ModelWork {
  const outputWeights = shape.vocabulary * shape.hidden;
  const bytesPerWeight = fileBytes / shape.weights;
  return {
    bytesPerStep: (shape.stepWeights + outputWeights) * bytesPerWeight,
    weightsPerPromptToken: shape.stepWeights,
  };
}
