import { promisify } from 'node:util';
import koffi from 'koffi';
import type { LlamaLibraries } from './libraryLocation.ts';
import {
  batch,
  contextParams,
  type ContextParams,
  modelParams,
  type ModelParams,
  type NativeBatch,
  type NativeTypeTraits,
  type Pointer,
  threadPoolParams,
  type ThreadPoolParams,
  typeTraits,
} from './llamaStructs.ts';
import { addressOf } from './nativeAddress.ts';

/**
 * Every function of llama.cpp v0.4.0 and v0.5.0 that is called, written against `include/llama.h` and
 * `ggml/include/ggml-backend.h` of the sources that node-llama-cpp 3.21.1 and 3.22.1 bundle. Their structs are in
 * `llamaStructs.ts`.
 */

/** Functions that a back end names only at run time. */
const newThreadPool = koffi.proto('void *ggml_threadpool_new(ggml_threadpool_params *params)');
const freeThreadPool = koffi.proto('void ggml_threadpool_free(void *pool)');
const toFloat = koffi.proto('void ggml_to_float_t(const void *x, void *y, int64_t k)');

export interface DeviceMemory {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** A function that a back end names only at run time: an array of buffer types, ended by null. */
const extraBuffers = koffi.proto('void **ggml_backend_dev_get_extra_bufts(void *device)');

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
  /** Bytes of the device's memory as its driver reports; 0 and 0 where it does not. */
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
  /** Whether encoding this type needs to know which weights matter. */
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
  /** A LoRA adapter for this model, which frees it; null where the file is none or does not fit. */
  loadAdapter(model: Pointer, path: string): Pointer;
  /** Makes this the context's one adapter, at a scale. False when it cannot. */
  setAdapter(context: Pointer, adapter: Pointer, scale: number): boolean;

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
  /** Values of a row that `embeddingRow` points at; that of `hiddenSize` unless the file names another. */
  outputSize(model: Pointer): number;
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
  /** The last layer's output of the batch row with this index, null where there is none. Valid until the next decode. */
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
  isControl(vocabulary: Pointer, token: number): boolean;
  addsBeginToken(vocabulary: Pointer): boolean;
  beginToken(vocabulary: Pointer): number;
  endToken(vocabulary: Pointer): number;
  infillPrefix(vocabulary: Pointer): number;
  infillSuffix(vocabulary: Pointer): number;
  infillMiddle(vocabulary: Pointer): number;

  /** A sampler that refuses tokens by a grammar; null where the grammar cannot be parsed. Freed by `freeSampler`. */
  newGrammar(vocabulary: Pointer, grammar: string, root: string): Pointer;
  /** Sets the logits of refused tokens in a `llama_token_data_array` to minus infinity. */
  applySampler(sampler: Pointer, tokens: bigint): void;
  /** Ends the process for a token that the sampler refuses. */
  acceptToken(sampler: Pointer, token: number): void;
  freeSampler(sampler: Pointer): void;
}

/**
 * Loads ggml with global symbols, its back ends, then llama.cpp, and declares the functions. Throws koffi's error
 * when a file or a symbol is missing.
 */
// A table of declarations, one for each function: its length is theirs.
// eslint-disable-next-line max-lines-per-function
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
  const setAdapters = llama.func('llama_set_adapters_lora', 'int32_t', [
    context,
    'void **',
    'size_t',
    'float *',
  ]);
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
    loadAdapter: llama.func('llama_adapter_lora_init', 'void *', [model, 'str']),
    setAdapter: (ofContext, adapter, scale) =>
      setAdapters(ofContext, [adapter], 1, new Float32Array([scale])) === 0,

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
    outputSize: llama.func('llama_model_n_embd_out', 'int32_t', [model]),
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
    isControl: llama.func('llama_vocab_is_control', 'bool', [vocabulary, 'int32_t']),
    addsBeginToken: llama.func('llama_vocab_get_add_bos', 'bool', [vocabulary]),
    beginToken: llama.func('llama_vocab_bos', 'int32_t', [vocabulary]),
    endToken: llama.func('llama_vocab_eos', 'int32_t', [vocabulary]),
    infillPrefix: llama.func('llama_vocab_fim_pre', 'int32_t', [vocabulary]),
    infillSuffix: llama.func('llama_vocab_fim_suf', 'int32_t', [vocabulary]),
    infillMiddle: llama.func('llama_vocab_fim_mid', 'int32_t', [vocabulary]),

    newGrammar: llama.func('llama_sampler_init_grammar', 'void *', [vocabulary, 'str', 'str']),
    applySampler: llama.func('llama_sampler_apply', 'void', ['void *', 'void *']),
    acceptToken: llama.func('llama_sampler_accept', 'void', ['void *', 'int32_t']),
    freeSampler: llama.func('llama_sampler_free', 'void', ['void *']),
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
