import { describe, expect, it } from 'vitest';
import { checkLibrary } from '../../../../../../sidecar/engine/llama/native/libraryChecks.ts';
import type {
  ContextParams,
  ModelParams,
  ThreadPoolParams,
} from '../../../../../../sidecar/engine/llama/native/llamaStructs.ts';

const model: ModelParams = {
  devices: null,
  tensor_buft_overrides: null,
  n_gpu_layers: -1,
  split_mode: 1,
  load_mode: -1,
  lazy_mode: 1,
  main_gpu: 0,
  tensor_split: null,
  progress_callback: null,
  progress_callback_user_data: null,
  kv_overrides: null,
  vocab_only: false,
  check_tensors: false,
  use_extra_bufts: true,
  no_host: false,
  no_alloc: false,
  load_mtp: false,
};

const context: ContextParams = {
  n_ctx: 512,
  n_batch: 2048,
  n_ubatch: 512,
  n_seq_max: 1,
  n_rs_seq: 0,
  n_outputs_max: 0,
  n_outputs_max_per_seq: 1,
  n_threads: 4,
  n_threads_batch: 4,
  ctx_type: 0,
  rope_scaling_type: -1,
  pooling_type: -1,
  attention_type: -1,
  flash_attn_type: -1,
  rope_freq_base: 0,
  rope_freq_scale: 0,
  yarn_ext_factor: -1,
  yarn_attn_factor: -1,
  yarn_beta_fast: -1,
  yarn_beta_slow: -1,
  yarn_orig_ctx: 0,
  defrag_thold: -1,
  cb_eval: null,
  cb_eval_user_data: null,
  type_k: 1,
  type_v: 1,
  abort_callback: null,
  abort_callback_data: null,
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

const threadPool: ThreadPoolParams = {
  cpumask: [],
  n_threads: 3,
  prio: 0,
  poll: 50,
  strict_cpu: false,
  paused: false,
};

describe('checkLibrary', () => {
  it('accepts the release it was written for, tagged or built on the way to it', () => {
    for (const version of ['0.5.0', '0.5.0-dev']) {
      expect(() => {
        checkLibrary({ version, model, context, threadPool }, '0.5.0');
      }).not.toThrow();
    }
  });

  it('refuses another release', () => {
    expect(() => {
      checkLibrary({ version: '0.5.1', model, context, threadPool }, '0.5.0');
    }).toThrow(expect.objectContaining({ code: 'library.incompatible' }));
  });

  it('refuses defaults that sit in other places', () => {
    expect(() => {
      checkLibrary(
        { version: '0.5.0', model, context: { ...context, n_batch: 512, n_ubatch: 2048 }, threadPool },
        '0.5.0',
      );
    }).toThrow(/n_batch/);
    expect(() => {
      checkLibrary(
        { version: '0.5.0', model: { ...model, use_extra_bufts: false }, context, threadPool },
        '0.5.0',
      );
    }).toThrow(/use_extra_bufts/);
    expect(() => {
      checkLibrary({ version: '0.5.0', model, context, threadPool: { ...threadPool, poll: 0 } }, '0.5.0');
    }).toThrow(/poll/);
  });
});
