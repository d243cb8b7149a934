import type { GgufValue } from '../../../sidecar/gguf/ggufHeader.ts';
import { uniformAt } from '../../../sidecar/numeric/random.ts';
import { int32ArrayValue, textsValue, textValue, tinyModelBytes, uint32Value } from './tinyModel.ts';

/** As Qwen3's own file has it, without tools. */
export const thinkerTemplate = [
  "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endfor %}",
  "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}",
  "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}{%- endif %}",
].join('');

const shape = { blocks: 2, hidden: 64, heads: 4, keyHeads: 2, headSize: 16, feedForward: 128 } as const;
const controls = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const;
const markers = ['<think>', '</think>'] as const;
const merged = 'he';

/** `enum llama_token_type`. */
const tokenTypes = { normal: 1, control: 3, userDefined: 4 } as const;

/** The characters by which byte-level vocabularies spell bytes: printable ones by themselves, others from U+0100 on. */
function byteCharacters(): readonly string[] {
  const isPrintable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(isPrintable(byte) ? byte : 256 + others++),
  );
}

/** Markers of the two sides of a cursor, by the members of the file that name them. No family of models spells them so. */
export const ownInfillMarkers = {
  'tokenizer.ggml.fim_pre_token_id': '<|left|>',
  'tokenizer.ggml.fim_suf_token_id': '<|right|>',
  'tokenizer.ggml.fim_mid_token_id': '<|here|>',
} as const;

interface RandomThinker {
  /** Default `thinkerTemplate`. */
  readonly template?: string;
  /** Texts of further control tokens, by the members of the file that name them. None unless given. */
  readonly named?: Readonly<Record<string, string>>;
}

function vocabulary({ named = {} }: RandomThinker): {
  readonly texts: readonly string[];
  readonly types: readonly number[];
} {
  const plain = [...byteCharacters(), merged];
  const further = Object.values(named);
  return {
    texts: [...plain, ...controls, ...markers, ...further],
    types: [
      ...plain.map(() => tokenTypes.normal),
      ...controls.map(() => tokenTypes.control),
      ...markers.map(() => tokenTypes.userDefined),
      ...further.map(() => tokenTypes.control),
    ],
  };
}

function metadataOf(thinker: RandomThinker): ReadonlyMap<string, GgufValue> {
  const { template = thinkerTemplate, named = {} } = thinker;
  const { texts, types } = vocabulary(thinker);
  const float = (value: number): GgufValue => ({ type: 'float32', value });
  const idOf = (text: string): GgufValue => uint32Value(texts.indexOf(text));
  return new Map<string, GgufValue>([
    ['general.architecture', textValue('qwen3')],
    ['general.name', textValue('Random Thinker')],
    ['qwen3.block_count', uint32Value(shape.blocks)],
    ['qwen3.context_length', uint32Value(2048)],
    ['qwen3.embedding_length', uint32Value(shape.hidden)],
    ['qwen3.feed_forward_length', uint32Value(shape.feedForward)],
    ['qwen3.attention.head_count', uint32Value(shape.heads)],
    ['qwen3.attention.head_count_kv', uint32Value(shape.keyHeads)],
    ['qwen3.attention.key_length', uint32Value(shape.headSize)],
    ['qwen3.attention.value_length', uint32Value(shape.headSize)],
    ['qwen3.attention.layer_norm_rms_epsilon', float(1e-6)],
    ['qwen3.rope.freq_base', float(1_000_000)],
    ['tokenizer.ggml.model', textValue('gpt2')],
    ['tokenizer.ggml.pre', textValue('qwen2')],
    ['tokenizer.ggml.tokens', textsValue(texts)],
    ['tokenizer.ggml.token_type', int32ArrayValue(types)],
    ['tokenizer.ggml.merges', textsValue(['h e'])],
    ['tokenizer.ggml.eos_token_id', idOf('<|im_end|>')],
    ['tokenizer.ggml.padding_token_id', idOf('<|endoftext|>')],
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
    ['tokenizer.chat_template', textValue(template)],
    ...Object.entries(named).map(([member, text]) => [member, idOf(text)] as const),
  ]);
}

/**
 * A model of the qwen3 architecture with random weights, about half a megabyte. It writes bytes that mean nothing; what the
 * engine does with it is what it does with any model of its kind.
 */
export function randomThinkerBytes(thinker: RandomThinker = {}): Uint8Array {
  const vocabularySize = vocabulary(thinker).texts.length;
  const { hidden, heads, keyHeads, headSize, feedForward, blocks } = shape;
  let drawn = 0;
  const tensor = (name: string, dimensions: readonly number[], valueAt: () => number) => {
    const count = dimensions.reduce((product, size) => product * size, 1);
    const values = Float32Array.from({ length: count }, valueAt);
    return { name, shape: dimensions, typeId: 0, data: new Uint8Array(values.buffer) };
  };
  const weights = (name: string, ...dimensions: readonly number[]) =>
    tensor(name, dimensions, () => uniformAt(7, 0, drawn++) - 0.5);
  const ones = (name: string, size: number) => tensor(name, [size], () => 1);
  const block = (index: number) => {
    const of = (part: string): string => `blk.${index}.${part}.weight`;
    return [
      ones(of('attn_norm'), hidden),
      weights(of('attn_q'), hidden, heads * headSize),
      weights(of('attn_k'), hidden, keyHeads * headSize),
      weights(of('attn_v'), hidden, keyHeads * headSize),
      weights(of('attn_output'), heads * headSize, hidden),
      ones(of('attn_q_norm'), headSize),
      ones(of('attn_k_norm'), headSize),
      ones(of('ffn_norm'), hidden),
      weights(of('ffn_gate'), hidden, feedForward),
      weights(of('ffn_up'), hidden, feedForward),
      weights(of('ffn_down'), feedForward, hidden),
    ];
  };
  return tinyModelBytes({
    base: metadataOf(thinker),
    tensors: [
      weights('token_embd.weight', hidden, vocabularySize),
      ...Array.from({ length: blocks }, (_, index) => block(index)).flat(),
      ones('output_norm.weight', hidden),
      weights('output.weight', hidden, vocabularySize),
    ],
  });
}
