import type { FileTokens, InfillTokens, TokenId, TrainedOrder } from './engine.ts';

interface InfillFamily {
  readonly name: string;
  /** Spellings of each marker: a family is recognized when its vocabulary has one of each. No spelling: no such marker. */
  readonly prefix: readonly string[];
  readonly suffix: readonly string[];
  readonly middle: readonly string[];
  /** Tokens that the vocabulary has besides, where the markers alone fit several families. */
  readonly alsoHas?: readonly string[];
  /** Part of the name or architecture of its models, where the whole vocabulary fits several families. */
  readonly called?: string;
  /** The first one is used unless something else was measured. */
  readonly orders: readonly TrainedOrder[];
  readonly files?: FileMarkers;
  /** End a text in infill, beside what llama.cpp takes for an end already. */
  readonly ends: readonly string[];
  /** Its tokenizer puts a blank before a text, which does not belong before the text after the cursor. */
  readonly putsBlankBefore?: boolean;
}

/** As in `FileTokens`, by their texts. */
interface FileMarkers extends Omit<FileTokens, 'repository' | 'file'> {
  /** Comes before the repository's name; null where none was trained. */
  readonly repository: string | null;
  readonly file: string;
}

const fimTexts = {
  prefix: ['<fim_prefix>', '<fim-prefix>'],
  suffix: ['<fim_suffix>', '<fim-suffix>'],
  middle: ['<fim_middle>', '<fim-middle>'],
};
const pipedTexts = { prefix: ['<|fim_prefix|>'], suffix: ['<|fim_suffix|>'], middle: ['<|fim_middle|>'] };
/** Markers that a model must not write, as Zed's list of stop texts has them (`crates/edit_prediction/src/fim.rs`). */
const fimEnds = ['<|endoftext|>', '<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<fim_pad>'];
const pipedEnds = ['<|endoftext|>', '<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|fim_pad|>'];

/**
 * Families of models that fill in the middle, the narrower description first. Marker texts are those that llama.cpp looks
 * for (`src/llama-vocab.cpp`, "find FIM_PRE token") and those of the sources named beside them.
 */
const infillFamilies: readonly InfillFamily[] = [
  {
    // Files: Mellum-4b-base, model card: `<filename>utils.py\n…<filename>example.py\n<fim_suffix>…<fim_prefix>…<fim_middle>`.
    // The card has no other order. The vocabulary is StarCoder's, so that only the name says which it is.
    name: 'mellum',
    ...fimTexts,
    called: 'mellum',
    orders: ['suffixThenPrefix'],
    files: {
      repository: null,
      file: '<filename>',
      marks: 'each',
      ownPath: 'beforeMarkers',
      repositoryEnd: '',
    },
    ends: [...fimEnds, '<filename>', '<reponame>'],
  },
  {
    // Granite Code, arXiv 2405.04324, 3: trained in both orders, with the tokens of StarCoder.
    name: 'granite',
    ...fimTexts,
    called: 'granite',
    orders: ['prefixFirst', 'suffixFirst'],
    files: {
      repository: '<reponame>',
      file: '<filename>',
      marks: 'each',
      ownPath: 'beforeMarkers',
      repositoryEnd: '',
    },
    ends: [...fimEnds, '<filename>', '<reponame>'],
  },
  {
    // Granite 4 spells its markers with bars; nothing was found on files.
    name: 'granite',
    ...pipedTexts,
    called: 'granite',
    orders: ['prefixFirst'],
    ends: [...pipedEnds, '<|end_of_text|>'],
  },
  {
    // StarCoder 2, arXiv 2402.19173, 5.1: `<repo_name>reponame<file_sep>filepath0\ncode0<file_sep><fim_prefix>filepath1\n
    // code1_pre<fim_suffix>code1_suf<fim_middle>code1_mid<file_sep>`. The path is inside the prefix. Both orders: as StarCoder.
    name: 'starcoder2',
    ...fimTexts,
    alsoHas: ['<repo_name>', '<file_sep>'],
    orders: ['prefixFirst', 'suffixFirst'],
    files: {
      repository: '<repo_name>',
      file: '<file_sep>',
      marks: 'each',
      ownPath: 'insidePrefix',
      repositoryEnd: '',
    },
    ends: [...fimEnds, '<file_sep>', '<repo_name>'],
  },
  {
    // StarCoder, arXiv 2305.06161, 3.4 and 5.1: `<reponame>…<filename>…\ncode`, half of the rearranged files suffix first.
    // It saw one file at a time.
    name: 'starcoder',
    ...fimTexts,
    alsoHas: ['<filename>'],
    orders: ['prefixFirst', 'suffixFirst'],
    files: {
      repository: '<reponame>',
      file: '<filename>',
      marks: 'each',
      ownPath: 'beforeMarkers',
      repositoryEnd: '',
    },
    ends: [...fimEnds, '<filename>', '<reponame>'],
  },
  {
    // CodeGemma, arXiv 2406.11409, table 1 and figures 2 and 4: `path\n<|fim_prefix|>…<|file_separator|>path\n…`, in both orders.
    // "truncate upon generating a FIM sentinel token", which the separator is one of.
    name: 'codegemma',
    ...pipedTexts,
    alsoHas: ['<|file_separator|>'],
    orders: ['prefixFirst', 'suffixFirst'],
    files: {
      repository: null,
      file: '<|file_separator|>',
      marks: 'between',
      ownPath: 'beforeMarkers',
      repositoryEnd: '',
    },
    ends: [...pipedEnds, '<|file_separator|>', '<end_of_turn>'],
  },
  {
    // Qwen2.5-Coder, arXiv 2409.12186, figures 3 and 4: prefix first, `<|repo_name|>name\n<|file_sep|>path\ncode\n<|file_sep|>path\n
    // <|fim_prefix|>…`. That it answers suffix first as well was measured here: see `infillLayoutOf`.
    name: 'qwen',
    ...pipedTexts,
    alsoHas: ['<|repo_name|>', '<|file_sep|>'],
    orders: ['prefixFirst'],
    files: {
      repository: '<|repo_name|>',
      file: '<|file_sep|>',
      marks: 'each',
      ownPath: 'beforeMarkers',
      repositoryEnd: '\n',
    },
    ends: ['<|endoftext|>', '<|fim_pad|>', '<|file_sep|>', '<|repo_name|>'],
  },
  {
    // Code Llama, `infilling_prompt_tokens` in its `llama/generation.py`: `<PRE> P <SUF>S <MID>` or `<PRE> <SUF>S <MID> P`, the
    // suffix without a blank before it; `<EOT>` ends the text.
    name: 'codellama',
    prefix: ['▁<PRE>', '<PRE>'],
    suffix: ['▁<SUF>', '<SUF>'],
    middle: ['▁<MID>', '<MID>'],
    orders: ['prefixFirst', 'suffixFirst'],
    ends: ['▁<EOT>', '<EOT>', '▁<PRE>', '▁<SUF>', '▁<MID>'],
    putsBlankBefore: true,
  },
  {
    // DeepSeek-Coder, arXiv 2401.14196, 3.1, and README, "Code Insertion". Other files are comments of code there, not tokens.
    name: 'deepseek',
    prefix: ['<｜fim▁begin｜>'],
    suffix: ['<｜fim▁hole｜>'],
    middle: ['<｜fim▁end｜>'],
    orders: ['prefixFirst'],
    ends: ['<｜end▁of▁sentence｜>', '<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'],
  },
  {
    // Codestral: `encode_fim` of mistral-common writes `[SUFFIX]S[PREFIX]P` and nothing after it, the suffix without a blank before
    // it. `[MIDDLE]` is in the vocabulary and was not trained.
    name: 'codestral',
    prefix: ['[PREFIX]'],
    suffix: ['[SUFFIX]'],
    middle: [],
    orders: ['suffixThenPrefix'],
    ends: ['</s>', '[PREFIX]', '[SUFFIX]'],
    putsBlankBefore: true,
  },
  {
    // Seed-Coder, arXiv 2506.03524, 2.2: `<[fim-suffix]>S<[fim-prefix]>P<[fim-middle]>`, and no other order.
    name: 'seedCoder',
    prefix: ['<[fim-prefix]>'],
    suffix: ['<[fim-suffix]>'],
    middle: ['<[fim-middle]>'],
    orders: ['suffixThenPrefix'],
    ends: ['<[fim-prefix]>', '<[fim-suffix]>', '<[fim-middle]>'],
  },
  {
    // GLM-4.5: llama.cpp's list, and the order of Zed's `fim.rs`.
    name: 'glm',
    prefix: ['<|code_prefix|>'],
    suffix: ['<|code_suffix|>'],
    middle: ['<|code_middle|>'],
    orders: ['prefixFirst'],
    ends: ['<|endoftext|>', '<|user|>', '<|code_prefix|>', '<|code_suffix|>', '<|code_middle|>'],
  },
];

/** Every text that families are known by, each once. */
export const infillMarkerTexts: readonly string[] = [
  ...new Set(
    infillFamilies.flatMap(({ prefix, suffix, middle, alsoHas = [], files, ends }) => [
      ...[...prefix, ...suffix, ...middle, ...alsoHas, ...ends],
      ...(files === undefined ? [] : [files.repository ?? [], files.file].flat()),
    ]),
  ),
];

/** What is asked of a vocabulary. */
export interface NamedTokens {
  /** The token that is spelled so, by itself; null where there is none. */
  readonly idOf: (text: string) => TokenId | null;
  /** Markers that the file names (`tokenizer.ggml.fim_*`) or that the engine knows. */
  readonly marked: {
    readonly prefix: TokenId | null;
    readonly suffix: TokenId | null;
    readonly middle: TokenId | null;
  };
  /** Name and architecture, in which a family may be named. */
  readonly modelName: string;
}

/** The markers of a model, with how they are arranged, and the tokens that end its text in infill. */
export interface FoundInfill {
  readonly tokens: InfillTokens;
  readonly ends: readonly TokenId[];
}

/**
 * Recognizes a model's family by its vocabulary. One that fits none but has markers is asked prefix first, without other
 * files. Null where a vocabulary has none.
 */
export function findInfill(vocabulary: NamedTokens): FoundInfill | null {
  for (const family of infillFamilies) {
    const tokens = tokensOf(family, vocabulary);
    if (tokens !== null) return { tokens, ends: family.ends.flatMap((text) => vocabulary.idOf(text) ?? []) };
  }
  const { prefix, suffix, middle } = vocabulary.marked;
  if (prefix === null || suffix === null || middle === null) return null;
  return {
    tokens: {
      family: 'unknown',
      prefix,
      suffix,
      middle,
      orders: ['prefixFirst'],
      files: null,
      putsBlankBefore: false,
    },
    ends: [],
  };
}

function tokensOf(family: InfillFamily, { idOf, modelName }: NamedTokens): InfillTokens | null {
  const firstOf = (texts: readonly string[]): TokenId | null => {
    for (const text of texts) {
      const id = idOf(text);
      if (id !== null) return id;
    }
    return null;
  };
  const [prefix, suffix, middle] = [firstOf(family.prefix), firstOf(family.suffix), firstOf(family.middle)];
  if (prefix === null || suffix === null || (middle === null && family.middle.length > 0)) return null;
  if (family.called !== undefined && !modelName.toLowerCase().includes(family.called)) return null;
  if (family.alsoHas?.some((text) => idOf(text) === null) === true) return null;
  return {
    family: family.name,
    prefix,
    suffix,
    middle,
    orders: family.orders,
    files: filesOf(family.files, idOf),
    putsBlankBefore: family.putsBlankBefore ?? false,
  };
}

function filesOf(markers: FileMarkers | undefined, idOf: NamedTokens['idOf']): FileTokens | null {
  const file = markers === undefined ? null : idOf(markers.file);
  if (markers === undefined || file === null) return null;
  const { marks, ownPath, repositoryEnd } = markers;
  const repository = markers.repository === null ? null : idOf(markers.repository);
  return { repository, file, marks, ownPath, repositoryEnd };
}
