import { promisify } from 'node:util';
import koffi from 'koffi';
import type { LlamaLibraries } from './libraryLocation.ts';

/**
 * Every binding to llama.cpp v0.5.0, written against `include/llama.h` and `ggml/include/ggml-backend.h` of the
 * source that node-llama-cpp 3.22.1 bundles. Field order and widths are the ABI: change them only with the headers
 * of another release beside you, together with `llamaVersion`. `libraryChecks.ts` compares the default parameters
 * at load, so that a shifted field is refused instead of read.
 */

/** A native address. Koffi represents pointers as BigInt. */
export type Pointer = bigint | null;

export interface ModelParams {
  devices: Pointer;
  tensor_buft_overrides: Pointer;
  n_gpu_layers: number;
  split_mode: number;
  load_mode: number;
  lazy_mode: number;
  main_gpu: number;
  tensor_split: Pointer;
  progress_callback: Pointer;
  progress_callback_user_data: Pointer;
  kv_overrides: Pointer;
  vocab_only: boolean;
  check_tensors: boolean;
  use_extra_bufts: boolean;
  no_host: boolean;
  no_alloc: boolean;
  load_mtp: boolean;
}

const modelParams = koffi.struct('llama_model_params', {
  devices: 'void *',
  tensor_buft_overrides: 'void *',
  n_gpu_layers: 'int32_t',
  split_mode: 'int',
  load_mode: 'int',
  lazy_mode: 'int',
  main_gpu: 'int32_t',
  tensor_split: 'void *',
  progress_callback: 'void *',
  progress_callback_user_data: 'void *',
  kv_overrides: 'void *',
  vocab_only: 'bool',
  check_tensors: 'bool',
  use_extra_bufts: 'bool',
  no_host: 'bool',
  no_alloc: 'bool',
  load_mtp: 'bool',
});

export interface ContextParams {
  n_ctx: number;
  n_batch: number;
  n_ubatch: number;
  n_seq_max: number;
  n_rs_seq: number;
  n_outputs_max: number;
  n_outputs_max_per_seq: number;
  n_threads: number;
  n_threads_batch: number;
  ctx_type: number;
  rope_scaling_type: number;
  pooling_type: number;
  attention_type: number;
  flash_attn_type: number;
  rope_freq_base: number;
  rope_freq_scale: number;
  yarn_ext_factor: number;
  yarn_attn_factor: number;
  yarn_beta_fast: number;
  yarn_beta_slow: number;
  yarn_orig_ctx: number;
  defrag_thold: number;
  cb_eval: Pointer;
  cb_eval_user_data: Pointer;
  type_k: number;
  type_v: number;
  abort_callback: Pointer;
  abort_callback_data: Pointer;
  embeddings: boolean;
  offload_kqv: boolean;
  no_perf: boolean;
  op_offload: boolean;
  swa_full: boolean;
  kv_unified: boolean;
  samplers: Pointer;
  n_samplers: number;
  ctx_other: Pointer;
}

const contextParams = koffi.struct('llama_context_params', {
  n_ctx: 'uint32_t',
  n_batch: 'uint32_t',
  n_ubatch: 'uint32_t',
  n_seq_max: 'uint32_t',
  n_rs_seq: 'uint32_t',
  n_outputs_max: 'uint32_t',
  n_outputs_max_per_seq: 'uint32_t',
  n_threads: 'int32_t',
  n_threads_batch: 'int32_t',
  ctx_type: 'int',
  rope_scaling_type: 'int',
  pooling_type: 'int',
  attention_type: 'int',
  flash_attn_type: 'int',
  rope_freq_base: 'float',
  rope_freq_scale: 'float',
  yarn_ext_factor: 'float',
  yarn_attn_factor: 'float',
  yarn_beta_fast: 'float',
  yarn_beta_slow: 'float',
  yarn_orig_ctx: 'uint32_t',
  defrag_thold: 'float',
  cb_eval: 'void *',
  cb_eval_user_data: 'void *',
  type_k: 'int',
  type_v: 'int',
  abort_callback: 'void *',
  abort_callback_data: 'void *',
  embeddings: 'bool',
  offload_kqv: 'bool',
  no_perf: 'bool',
  op_offload: 'bool',
  swa_full: 'bool',
  kv_unified: 'bool',
  samplers: 'void *',
  n_samplers: 'size_t',
  ctx_other: 'void *',
});

/** Pointers into arrays the caller keeps alive; `embd` stays null, the engine feeds token ids. */
export interface NativeBatch {
  n_tokens: number;
  token: Pointer;
  embd: Pointer;
  pos: Pointer;
  n_seq_id: Pointer;
  seq_id: Pointer;
  logits: Pointer;
}

const batch = koffi.struct('llama_batch', {
  n_tokens: 'int32_t',
  token: 'void *',
  embd: 'void *',
  pos: 'void *',
  n_seq_id: 'void *',
  seq_id: 'void *',
  logits: 'void *',
});

/** `GGML_MAX_N_THREADS`. */
const maxThreads = 512;

export interface ThreadPoolParams {
  cpumask: boolean[];
  n_threads: number;
  prio: number;
  poll: number;
  strict_cpu: boolean;
  paused: boolean;
}

const threadPoolParams = koffi.struct('ggml_threadpool_params', {
  cpumask: koffi.array('bool', maxThreads),
  n_threads: 'int',
  prio: 'int',
  poll: 'uint32_t',
  strict_cpu: 'bool',
  paused: 'bool',
});

/** Functions that a back end names only at run time. */
const newThreadPool = koffi.proto('void *ggml_threadpool_new(ggml_threadpool_params *params)');
const freeThreadPool = koffi.proto('void ggml_threadpool_free(void *pool)');

const progressCallback = koffi.proto('bool llama_progress_callback(float progress, void *user_data)');
const logCallback = koffi.proto('void ggml_log_callback(int level, const char *text, void *user_data)');
const abortCallback = koffi.proto('bool ggml_abort_callback(void *data)');
const nodeCallback = koffi.proto(
  'bool ggml_backend_sched_eval_callback(void *tensor, bool ask, void *user_data)',
);

/** `struct ggml_type_traits` of `ggml/include/ggml.h`: how one type of tensor elements is stored. */
const typeTraits = koffi.struct('ggml_type_traits', {
  type_name: 'const char *',
  blck_size: 'int64_t',
  blck_size_interleave: 'int64_t',
  type_size: 'size_t',
  is_quantized: 'bool',
  to_float: 'void *',
  from_float_ref: 'void *',
});
const toFloat = koffi.proto('void ggml_to_float_t(const void *x, void *y, int64_t k)');

export type ProgressCallback = (share: number) => boolean;
export type LogCallback = (level: number, text: string) => void;
/**
 * Asked of every node of a graph, in the order of computing, whether it is wanted (`ask`), and called again with each
 * wanted one when it was computed; false then ends the computing. Must not throw.
 */
export type NodeCallback = (tensor: Pointer, ask: boolean) => boolean;

/** Something of JavaScript's that native code may use on this thread until it is released: a function, or an array. */
export interface NativeCallback {
  readonly pointer: Pointer;
  release(): void;
}

export interface DeviceMemory {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** A function that a back end names only at run time: an array of buffer types, ended by null. */
const extraBuffers = koffi.proto('void **ggml_backend_dev_get_extra_bufts(void *device)');

interface NativeTypeTraits {
  readonly type_name: string | null;
  readonly blck_size: number;
  readonly type_size: number;
  readonly to_float: Pointer;
}

export interface ElementTypeTraits {
  readonly name: string;
  readonly blockElements: number;
  readonly blockBytes: number;
  readonly isDecodable: boolean;
}

/** The part of the C API that is called: synchronously and on the engine thread, but for `decodeBeside`. */
export interface LlamaLibrary {
  version(): string;
  backendInit(): void;
  /** Loads the back ends (CPU variants, GPUs) in a folder; those that do not fit the machine are skipped. */
  loadBackends(folder: string): void;
  deviceCount(): number;
  device(index: number): Pointer;
  deviceName(device: Pointer): string;
  deviceDescription(device: Pointer): string;
  /** `enum ggml_backend_dev_type`: 0 CPU, 1 GPU, 2 integrated GPU, 3 accelerator. */
  deviceType(device: Pointer): number;
  /** Bytes of the device's memory as its driver tells; 0 and 0 where it does not. */
  deviceMemory(device: Pointer): DeviceMemory;
  /** Names of the buffer types in which a CPU device keeps weights in an order of its own, such as `AMX`. */
  extraBufferNames(device: Pointer): readonly string[];
  /** Buffer type of host memory. */
  hostBufferType(): Pointer;
  setLog(callback: Pointer): void;
  /** Name of a graph's node, such as `l_out-3`. */
  tensorName(tensor: Pointer): string;
  tensorBytes(tensor: Pointer): number;
  /** Copies the first `bytes` of a computed tensor out of the memory of whichever device holds it, and into it. */
  readTensor(tensor: Pointer, target: bigint, offset: number, bytes: number): void;
  writeTensor(tensor: Pointer, source: bigint, offset: number, bytes: number): void;

  /** Name, elements and bytes of a block as the library has them, and whether a block is decoded by `toFloats`. */
  elementType(typeId: number): ElementTypeTraits;
  /** Decodes `elements` stored values, whole blocks of them, into 32-bit numbers. */
  toFloats(typeId: number, source: Uint8Array, target: Float32Array, elements: number): void;
  /** Encodes `rows` rows of `rowElements` numbers into `target`. Returns the bytes written. */
  fromFloats(
    typeId: number,
    source: Float32Array,
    target: Uint8Array,
    rows: number,
    rowElements: number,
  ): number;
  /** Whether encoding this type needs to be told which weights matter. */
  needsImportance(typeId: number): boolean;

  modelDefaultParams(): ModelParams;
  contextDefaultParams(): ContextParams;
  loadModel(path: string, params: ModelParams): Pointer;
  freeModel(model: Pointer): void;
  initContext(model: Pointer, params: ContextParams): Pointer;
  freeContext(context: Pointer): void;
  contextSize(context: Pointer): number;
  setThreads(context: Pointer, decodeThreads: number, batchThreads: number): void;
  setAbortCallback(context: Pointer, callback: Pointer, data: Pointer): void;

  threadPoolDefaultParams(threads: number): ThreadPoolParams;
  /** Threads that wait for graphs of any context they are attached to; null where the CPU back end has no such. */
  newThreadPool(params: ThreadPoolParams): Pointer;
  /** Ends and joins the threads; no context may be using them. */
  freeThreadPool(pool: Pointer): void;
  /** Computes the context's graphs on these threads, for calls of one token and of more. Null detaches. */
  attachThreadPool(context: Pointer, pool: Pointer): void;

  modelVocabulary(model: Pointer): Pointer;
  trainingContextSize(model: Pointer): number;
  hiddenSize(model: Pointer): number;
  blockCount(model: Pointer): number;
  hasEncoder(model: Pointer): boolean;
  hasDecoder(model: Pointer): boolean;
  isRecurrent(model: Pointer): boolean;
  isHybrid(model: Pointer): boolean;
  isDiffusion(model: Pointer): boolean;
  chatTemplate(model: Pointer): string | null;

  memory(context: Pointer): Pointer;
  clearMemory(memory: Pointer): void;
  /** Removes positions [from, to) of a sequence; `to` −1 is its end. False when a part cannot be removed. */
  removeCells(memory: Pointer, sequence: number, from: number, to: number): boolean;
  /** Adds `delta` to positions [from, to) of a sequence; cells that others share move for them too. */
  shiftCells(memory: Pointer, sequence: number, from: number, to: number, delta: number): void;
  /** False for models whose keys cannot be rotated to other positions. */
  canShiftCells(memory: Pointer): boolean;
  /** Bytes that the state of a sequence's cells takes. */
  stateSize(context: Pointer, sequence: number): number;
  /** Copies that state to `target`; returns the bytes written, 0 when it cannot. */
  readState(context: Pointer, target: Pointer, bytes: number, sequence: number): number;
  /** Replaces a sequence by a state that was read; returns the bytes used, 0 when it does not fit. */
  writeState(context: Pointer, source: Pointer, bytes: number, sequence: number): number;
  /** Lets sequence `to` share the cells of `from` at positions [start, end). Copies nothing in a unified cache. */
  shareCells(memory: Pointer, from: number, to: number, start: number, end: number): void;

  /** 0 done, 1 no free cells, 2 aborted, below 0 failed. */
  decode(context: Pointer, batch: NativeBatch): number;
  /** The same on a thread of the pool, so that this thread can decode in another context meanwhile. */
  decodeBeside(context: Pointer, batch: NativeBatch): Promise<number>;
  synchronize(context: Pointer): void;
  /** Logits of the batch row with this index, null where none were asked for. Valid until the next decode. */
  logitsRow(context: Pointer, row: number): Pointer;
  /** While on, a decode gives the last layer's output of every token of its batch. */
  setEmbeddings(context: Pointer, isOn: boolean): void;
  /** That output of the batch row with this index, null where there is none. Valid until the next decode. */
  embeddingRow(context: Pointer, row: number): Pointer;

  vocabularySize(vocabulary: Pointer): number;
  /** Token count, or its negative when `tokens` is too short. */
  tokenize(
    vocabulary: Pointer,
    text: Uint8Array,
    textBytes: number,
    tokens: Int32Array,
    maxTokens: number,
    addSpecial: boolean,
    parseSpecial: boolean,
  ): number;
  /** Byte count, or its negative when `bytes` is too short. Writes no terminator. */
  tokenToPiece(
    vocabulary: Pointer,
    token: number,
    bytes: Uint8Array,
    maxBytes: number,
    leadingSpaces: number,
    special: boolean,
  ): number;
  isEndOfGeneration(vocabulary: Pointer, token: number): boolean;
  addsBeginToken(vocabulary: Pointer): boolean;
  beginToken(vocabulary: Pointer): number;
  endToken(vocabulary: Pointer): number;
  infillPrefix(vocabulary: Pointer): number;
  infillSuffix(vocabulary: Pointer): number;
  infillMiddle(vocabulary: Pointer): number;
}

/**
 * Loads ggml with global symbols, its back ends, then llama.cpp, and declares the functions. Throws koffi's error
 * when a file or a symbol is missing.
 */
export function openLlamaLibrary(libraries: LlamaLibraries): LlamaLibrary {
  const base = koffi.load(libraries.ggmlBase, { global: true });
  const ggml = koffi.load(libraries.ggml, { global: true });
  const llama = koffi.load(libraries.llama);
  const context = 'void *';
  const model = 'void *';
  const vocabulary = 'void *';
  const memory = 'void *';
  const deviceMemory = base.func('ggml_backend_dev_memory', 'void', [
    'void *',
    koffi.out('size_t *'),
    koffi.out('size_t *'),
  ]);
  const registryOf = base.func('ggml_backend_dev_backend_reg', 'void *', ['void *']);
  const functionNamed = base.func('ggml_backend_reg_get_proc_address', 'void *', ['void *', 'str']);
  const bufferTypeName = base.func('ggml_backend_buft_name', 'str', ['void *']);
  const decode = llama.func('llama_decode', 'int32_t', [context, batch]);
  const setLog = llama.func('llama_log_set', 'void', ['void *', 'void *']);
  const chatTemplate = llama.func('llama_model_chat_template', 'str', [model, 'void *']);
  const clearMemory = llama.func('llama_memory_clear', 'void', [memory, 'bool']);
  const attachThreadPool = llama.func('llama_attach_threadpool', 'void', [context, 'void *', 'void *']);
  const registryByName = ggml.func('ggml_backend_reg_by_name', 'void *', ['str']);
  const functionOf = base.func('ggml_backend_reg_get_proc_address', 'void *', ['void *', 'str']);
  const cpuFunction = (name: string): Pointer => {
    const cpu = registryByName('CPU') as Pointer;
    return cpu === null ? null : (functionOf(cpu, name) as Pointer);
  };
  const traitsOf = base.func('ggml_get_type_traits', koffi.pointer(typeTraits), ['int']);
  const quantize = base.func('ggml_quantize_chunk', 'size_t', [
    'int',
    'const float *',
    koffi.out('uint8_t *'),
    'int64_t',
    'int64_t',
    'int64_t',
    'const float *',
  ]);
  const readTraits = (typeId: number): NativeTypeTraits =>
    koffi.decode(traitsOf(typeId), typeTraits) as NativeTypeTraits;
  return {
    version: llama.func('llama_version', 'str', []),
    backendInit: llama.func('llama_backend_init', 'void', []),
    loadBackends: ggml.func('ggml_backend_load_all_from_path', 'void', ['str']),
    deviceCount: ggml.func('ggml_backend_dev_count', 'size_t', []),
    device: ggml.func('ggml_backend_dev_get', 'void *', ['size_t']),
    deviceName: base.func('ggml_backend_dev_name', 'str', ['void *']),
    deviceDescription: base.func('ggml_backend_dev_description', 'str', ['void *']),
    deviceType: base.func('ggml_backend_dev_type', 'int', ['void *']),
    deviceMemory: (device) => {
      const free: [number | bigint] = [0];
      const total: [number | bigint] = [0];
      deviceMemory(device, free, total);
      return { freeBytes: Number(free[0]), totalBytes: Number(total[0]) };
    },
    extraBufferNames: (device) => {
      const list = functionNamed(registryOf(device), 'ggml_backend_dev_get_extra_bufts') as Pointer;
      if (list === null) return [];
      const types = pointersAt(koffi.call(list, extraBuffers, device) as Pointer);
      return types.map((type) => bufferTypeName(type) as string);
    },
    hostBufferType: base.func('ggml_backend_cpu_buffer_type', 'void *', []),
    setLog: (callback) => {
      setLog(callback, null);
    },
    tensorName: base.func('ggml_get_name', 'str', ['void *']),
    tensorBytes: base.func('ggml_nbytes', 'size_t', ['void *']),
    readTensor: base.func('ggml_backend_tensor_get', 'void', ['void *', 'void *', 'size_t', 'size_t']),
    writeTensor: base.func('ggml_backend_tensor_set', 'void', ['void *', 'void *', 'size_t', 'size_t']),

    elementType: (typeId) => {
      const traits = readTraits(typeId);
      return {
        name: traits.type_name ?? '',
        blockElements: traits.blck_size,
        blockBytes: traits.type_size,
        isDecodable: traits.to_float !== null,
      };
    },
    toFloats: (typeId, source, target, elements) => {
      koffi.call(readTraits(typeId).to_float, toFloat, source, addressOf(target), elements);
    },
    fromFloats: (typeId, source, target, rows, rowElements) =>
      Number(quantize(typeId, source, target, 0, rows, rowElements, null)),
    needsImportance: base.func('ggml_quantize_requires_imatrix', 'bool', ['int']),

    modelDefaultParams: llama.func('llama_model_default_params', modelParams, []),
    contextDefaultParams: llama.func('llama_context_default_params', contextParams, []),
    loadModel: llama.func('llama_model_load_from_file', model, ['str', modelParams]),
    freeModel: llama.func('llama_model_free', 'void', [model]),
    initContext: llama.func('llama_init_from_model', context, [model, contextParams]),
    freeContext: llama.func('llama_free', 'void', [context]),
    contextSize: llama.func('llama_n_ctx', 'uint32_t', [context]),
    setThreads: llama.func('llama_set_n_threads', 'void', [context, 'int32_t', 'int32_t']),
    setAbortCallback: llama.func('llama_set_abort_callback', 'void', [context, 'void *', 'void *']),

    threadPoolDefaultParams: base.func('ggml_threadpool_params_default', threadPoolParams, ['int']),
    newThreadPool: (params) => {
      const create = cpuFunction('ggml_threadpool_new');
      return create === null ? null : (koffi.call(create, newThreadPool, params) as Pointer);
    },
    freeThreadPool: (pool) => {
      const free = cpuFunction('ggml_threadpool_free');
      if (free !== null) koffi.call(free, freeThreadPool, pool);
    },
    attachThreadPool: (toContext, pool) => {
      attachThreadPool(toContext, pool, pool);
    },

    modelVocabulary: llama.func('llama_model_get_vocab', vocabulary, [model]),
    trainingContextSize: llama.func('llama_model_n_ctx_train', 'int32_t', [model]),
    hiddenSize: llama.func('llama_model_n_embd', 'int32_t', [model]),
    blockCount: llama.func('llama_model_n_layer', 'int32_t', [model]),
    hasEncoder: llama.func('llama_model_has_encoder', 'bool', [model]),
    hasDecoder: llama.func('llama_model_has_decoder', 'bool', [model]),
    isRecurrent: llama.func('llama_model_is_recurrent', 'bool', [model]),
    isHybrid: llama.func('llama_model_is_hybrid', 'bool', [model]),
    isDiffusion: llama.func('llama_model_is_diffusion', 'bool', [model]),
    chatTemplate: (ofModel) => chatTemplate(ofModel, null) as string | null,

    memory: llama.func('llama_get_memory', memory, [context]),
    clearMemory: (ofContext) => {
      clearMemory(ofContext, false);
    },
    removeCells: llama.func('llama_memory_seq_rm', 'bool', [memory, 'int32_t', 'int32_t', 'int32_t']),
    shareCells: llama.func('llama_memory_seq_cp', 'void', [
      memory,
      'int32_t',
      'int32_t',
      'int32_t',
      'int32_t',
    ]),

    shiftCells: llama.func('llama_memory_seq_add', 'void', [
      memory,
      'int32_t',
      'int32_t',
      'int32_t',
      'int32_t',
    ]),
    canShiftCells: llama.func('llama_memory_can_shift', 'bool', [memory]),
    stateSize: llama.func('llama_state_seq_get_size', 'size_t', [context, 'int32_t']),
    readState: llama.func('llama_state_seq_get_data', 'size_t', [context, 'void *', 'size_t', 'int32_t']),
    writeState: llama.func('llama_state_seq_set_data', 'size_t', [context, 'void *', 'size_t', 'int32_t']),

    decode,
    decodeBeside: promisify(decode.async) as LlamaLibrary['decodeBeside'],
    synchronize: llama.func('llama_synchronize', 'void', [context]),
    logitsRow: llama.func('llama_get_logits_ith', 'void *', [context, 'int32_t']),
    setEmbeddings: llama.func('llama_set_embeddings', 'void', [context, 'bool']),
    embeddingRow: llama.func('llama_get_embeddings_ith', 'void *', [context, 'int32_t']),

    vocabularySize: llama.func('llama_vocab_n_tokens', 'int32_t', [vocabulary]),
    tokenize: llama.func('llama_tokenize', 'int32_t', [
      vocabulary,
      'const uint8_t *',
      'int32_t',
      koffi.out('int32_t *'),
      'int32_t',
      'bool',
      'bool',
    ]),
    tokenToPiece: llama.func('llama_token_to_piece', 'int32_t', [
      vocabulary,
      'int32_t',
      koffi.out('uint8_t *'),
      'int32_t',
      'int32_t',
      'bool',
    ]),
    isEndOfGeneration: llama.func('llama_vocab_is_eog', 'bool', [vocabulary, 'int32_t']),
    addsBeginToken: llama.func('llama_vocab_get_add_bos', 'bool', [vocabulary]),
    beginToken: llama.func('llama_vocab_bos', 'int32_t', [vocabulary]),
    endToken: llama.func('llama_vocab_eos', 'int32_t', [vocabulary]),
    infillPrefix: llama.func('llama_vocab_fim_pre', 'int32_t', [vocabulary]),
    infillSuffix: llama.func('llama_vocab_fim_suf', 'int32_t', [vocabulary]),
    infillMiddle: llama.func('llama_vocab_fim_mid', 'int32_t', [vocabulary]),
  };
}

/** The pointers of an array that null ends. */
function pointersAt(array: Pointer): readonly Pointer[] {
  const found: Pointer[] = [];
  while (array !== null) {
    const pointer = koffi.decode(array, found.length * 8, 'void *') as Pointer;
    if (pointer === null) break;
    found.push(pointer);
  }
  return found;
}

/**
 * `tensor_buft_overrides` of one entry: tensors whose name the pattern (a C++ regular expression) finds go into
 * buffers of this type. Release it when the model is loaded.
 */
export function overrideBuffers(pattern: string, bufferType: Pointer): NativeCallback {
  const text = zeroEnded(pattern);
  // Two structs of two pointers; the second, all null, ends the array.
  const entries = new BigUint64Array(new ArrayBuffer(32));
  entries.set([addressOf(text), bufferType ?? 0n]);
  const kept = [text, entries];
  overridesInUse.add(kept);
  return {
    pointer: addressOf(entries),
    release: () => {
      overridesInUse.delete(kept);
    },
  };
}

/** Arrays that native code reads, and that nothing else would keep from being collected. */
const overridesInUse = new Set<readonly ArrayBufferView[]>();

function zeroEnded(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const ended = new Uint8Array(new ArrayBuffer(bytes.length + 1));
  ended.set(bytes);
  return ended;
}

/** Makes a loading progress function callable from native code. Returning false ends the loading. */
export function registerProgress(callback: ProgressCallback): NativeCallback {
  return register(koffi.register(callback, koffi.pointer(progressCallback)));
}

/** Makes a log function callable from native code. Only while no thread but this one can log: others would block. */
export function registerLog(callback: LogCallback): NativeCallback {
  return register(koffi.register(callback, koffi.pointer(logCallback)));
}

/** Makes an abort predicate callable from native code, for systems where no C function can read the flag. */
export function registerAbort(callback: () => boolean): NativeCallback {
  return register(koffi.register(callback, koffi.pointer(abortCallback)));
}

/** Makes a function callable for the nodes of a context's graphs (`cb_eval`), on the thread that decodes. */
export function registerNodes(callback: NodeCallback): NativeCallback {
  return register(koffi.register(callback, koffi.pointer(nodeCallback)));
}

function register(pointer: bigint): NativeCallback {
  return {
    pointer,
    release: () => {
      koffi.unregister(pointer);
    },
  };
}

/** Address of the first byte of an array whose buffer never moves: explicit `ArrayBuffer`s and WASM memories. */
export function addressOf(bytes: ArrayBufferView): bigint {
  return koffi.address(bytes);
}

/** The two C library functions the engine borrows. */
export interface CLibrary {
  copyMemory(target: bigint, source: Pointer, bytes: number): void;
  /** `strlen`: as an abort callback it reads a flag byte followed by a zero, in native code alone. */
  readonly stringLength: Pointer;
}

/** The C library of the running process, or null where its functions cannot be resolved. */
export function openCLibrary(platform: NodeJS.Platform): CLibrary | null {
  try {
    const library = koffi.load(platform === 'win32' ? 'msvcrt.dll' : null);
    return {
      copyMemory: library.func('memcpy', 'void *', ['void *', 'void *', 'size_t']),
      stringLength: library.symbol('strlen') as bigint,
    };
  } catch {
    return null;
  }
}

/** Whose last decode is read. */
export interface RowSource {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  readonly context: Pointer;
}

/**
 * Copies a row of the last decode's logits into an array of the vocabulary's size. False when the batch asked for
 * none there. Without `memcpy` the copy goes through an array of numbers and is slower.
 */
export function readLogits(from: RowSource, row: number, target: Float32Array): boolean {
  return copyRow(from.cLibrary, from.library.logitsRow(from.context, row), target);
}

/** The same for a row of the last layer's output, into an array of the hidden size. */
export function readEmbedding(from: RowSource, row: number, target: Float32Array): boolean {
  return copyRow(from.cLibrary, from.library.embeddingRow(from.context, row), target);
}

function copyRow(cLibrary: CLibrary | null, source: Pointer, target: Float32Array): boolean {
  if (source === null) return false;
  if (cLibrary === null) target.set(koffi.decode(source, 'float', target.length) as ArrayLike<number>);
  else cLibrary.copyMemory(addressOf(target), source, target.byteLength);
  return true;
}
