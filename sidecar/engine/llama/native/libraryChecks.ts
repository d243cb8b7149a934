import { CodedError } from '../../../../protocol/codedError.ts';
import { reinstallLibrary } from './libraryFiles.ts';
import type { ContextParams, ModelParams, ThreadPoolParams } from './llamaStructs.ts';

/** Threads of the pool whose default parameters are compared: any number but zero. */
export const defaultPoolThreads = 3;

/** Defaults of llama.cpp v0.4.0 and v0.5.0 whose places in the structs give a shifted field away. */
const expectedModel: Partial<ModelParams> = {
  devices: null,
  n_gpu_layers: -1,
  split_mode: 1,
  load_mode: -1,
  lazy_mode: 1,
  main_gpu: 0,
  progress_callback: null,
  kv_overrides: null,
  vocab_only: false,
  check_tensors: false,
  use_extra_bufts: true,
  no_host: false,
  no_alloc: false,
  load_mtp: false,
};

const expectedContext: Partial<ContextParams> = {
  n_ctx: 512,
  n_batch: 2048,
  n_ubatch: 512,
  n_seq_max: 1,
  n_rs_seq: 0,
  n_outputs_max: 0,
  n_outputs_max_per_seq: 1,
  rope_scaling_type: -1,
  pooling_type: -1,
  attention_type: -1,
  flash_attn_type: -1,
  rope_freq_base: 0,
  yarn_ext_factor: -1,
  yarn_beta_slow: -1,
  yarn_orig_ctx: 0,
  defrag_thold: -1,
  cb_eval: null,
  type_k: 1,
  type_v: 1,
  abort_callback: null,
  embeddings: false,
  offload_kqv: true,
  no_perf: true,
  op_offload: true,
  swa_full: true,
  kv_unified: false,
  samplers: null,
  n_samplers: 0,
  ctx_other: null,
};

const expectedThreadPool: Partial<ThreadPoolParams> = {
  n_threads: defaultPoolThreads,
  prio: 0,
  poll: 50,
  strict_cpu: false,
  paused: false,
};

/**
 * Compares what the library says about itself with what the bindings were written for. Pure. Throws
 * `library.incompatible` naming the first difference.
 */
export function checkLibrary(
  found: {
    readonly version: string;
    readonly model: Readonly<ModelParams>;
    readonly context: Readonly<ContextParams>;
    readonly threadPool: Readonly<ThreadPoolParams>;
  },
  expectedVersion: string,
): void {
  // Builds between two tags carry the coming number with this suffix, node-llama-cpp's among them.
  const version = found.version.replace(/-dev$/, '');
  if (version !== expectedVersion) throw incompatible(`it is release ${version}, not ${expectedVersion}`);
  const difference =
    firstDifference(found.model, expectedModel) ??
    firstDifference(found.context, expectedContext) ??
    firstDifference(found.threadPool, expectedThreadPool);
  if (difference !== null) throw incompatible(difference);
}

interface IncompatibleOptions {
  readonly cause?: unknown;
  /** One imperative sentence. */
  readonly remedy?: string;
}

/** The error for a library that is not the one the bindings fit. */
export function incompatible(
  what: string,
  { cause, remedy = reinstallLibrary }: IncompatibleOptions = {},
): CodedError {
  return new CodedError(
    'library.incompatible',
    `The installed llama.cpp library cannot be used: ${what}.`,
    remedy,
    { cause },
  );
}

function firstDifference<T extends object>(found: T, expected: Partial<T>): string | null {
  for (const key of Object.keys(expected) as (keyof T & string)[]) {
    if (found[key] !== expected[key]) {
      return `its default for ${key} is ${String(found[key])}, not ${String(expected[key])}`;
    }
  }
  return null;
}
