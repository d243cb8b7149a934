/** What the choice of a llama.cpp build depends on. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly hasGlibc: boolean;
  /** From `ENTROPANE_GPU`; `auto` looks at the machine. */
  readonly requestedGpu: 'auto' | 'none' | 'cuda' | 'vulkan';
  readonly hasNvidiaDriver: boolean;
  /** CUDA 13: what the prebuilt library links against. */
  readonly hasCudaRuntime: boolean;
}

export type FlavourChoice =
  | { readonly type: 'chosen'; readonly flavour: string; readonly why: string }
  | { readonly type: 'unsupported'; readonly why: string };

export function chooseFlavour(machine: Machine): FlavourChoice;
