import { CodedError } from '../../protocol/codedError.ts';
import type { InfillTokens, Model, ModelInfo, TokenId, TokenizeOptions } from '../engine/engine.ts';
import { emptyFront, type InfillFront } from './infillFront.ts';

/**
 * How a prompt is put together; `BEFORE` and `AFTER` are the texts around the cursor, `LINE` the cursor's line up to it:
 * - `suffixFirst`: `<prefix><suffix>AFTER<middle>BEFORE`. What is typed extends the end of the prompt, so the cached cells
 *   of everything before it stay valid.
 * - `prefixFirst`: `<prefix>BEFORE<suffix>AFTER<middle>`.
 * - `lineLast`: `<prefix>BEFORE without LINE<suffix>AFTER<middle>LINE`, as llama.vscode asks.
 * - `suffixThenPrefix`: `<suffix>AFTER<prefix>BEFORE<middle>`, for families that were trained in no other order, and as
 *   llama-server does with `--spm-infill`.
 */
export const infillLayouts = ['suffixFirst', 'prefixFirst', 'lineLast', 'suffixThenPrefix'] as const;
export type InfillLayout = (typeof infillLayouts)[number];

/** Tokens of each side that go into a prompt. */
export interface InfillBudget {
  readonly prefixTokens: number;
  readonly suffixTokens: number;
}

/**
 * Sides of a prompt when the context has room for them. A cold prefill of both takes a few seconds on two cores;
 * afterwards only what was typed is new.
 */
export const infillBudget: InfillBudget = { prefixTokens: 768, suffixTokens: 192 };

/** Qwen2.5-Coder by the name that a server gives it. */
const qwenName = /qwen-?2\.5/i;

/**
 * The layout that a model is asked in. Qwen2.5-Coder answers in several and takes the suffix first, because typing then extends
 * the cached sequence; `docs/COMPLETION.md` has what was measured. Other families take the first order that they were
 * trained in.
 */
export function infillLayoutOf({
  local,
  infill,
  identity,
}: Pick<ModelInfo, 'local' | 'infill' | 'identity'>): InfillLayout {
  const isQwen =
    local === null
      ? infill?.family === 'qwen' && qwenName.test(identity.name)
      : local.architecture === 'qwen2';
  return isQwen ? 'suffixFirst' : (infill?.orders[0] ?? 'prefixFirst');
}

/** The budget shrunk to a share of a small context, so that the completion itself has room. */
export function budgetWithin(contextTokens: number, maxTokens: number): InfillBudget {
  const room = Math.max(0, contextTokens - maxTokens - 8);
  const share = Math.min(1, room / (infillBudget.prefixTokens + infillBudget.suffixTokens));
  return {
    prefixTokens: Math.floor(infillBudget.prefixTokens * share),
    suffixTokens: Math.floor(infillBudget.suffixTokens * share),
  };
}

/** Urgency of the tokenizing, parts of other files, and a layout other than the model's own, for comparison. */
export interface InfillPromptOptions extends Pick<TokenizeOptions, 'isUrgent'> {
  /** Not part of the budget. */
  readonly front?: InfillFront;
  readonly layout?: InfillLayout;
}

/**
 * Prompt tokens that ask for what belongs between two texts. The document's text is tokenized as text: control
 * tokens written in it stay letters. Throws `completion.unsupported` for a model without fill-in-the-middle tokens.
 */
export async function buildInfillPrompt(
  model: Pick<Model, 'info' | 'tokenize'>,
  sides: { readonly prefix: string; readonly suffix: string },
  budget: InfillBudget,
  { isUrgent = false, front = emptyFront, layout = infillLayoutOf(model.info) }: InfillPromptOptions = {},
): Promise<readonly TokenId[]> {
  const infill = infillTokensOf(model.info);
  const lineStart = layout === 'lineLast' ? sides.prefix.lastIndexOf('\n') + 1 : sides.prefix.length;
  const options = { special: false, isUrgent };
  const [prefix, line, suffix] = await Promise.all([
    model.tokenize(sides.prefix.slice(0, lineStart), options),
    lineStart < sides.prefix.length ? model.tokenize(sides.prefix.slice(lineStart), options) : [],
    tokenizeAfter(model, sides.suffix, options, infill),
  ]);
  // A share that does not depend on the line, so that the text before it keeps its beginning while the line grows.
  const lineTokens = layout === 'lineLast' ? Math.ceil(budget.prefixTokens / 4) : 0;
  const kept: PromptParts = {
    before: [...front.insidePrefix, ...keepEnd(prefix, budget.prefixTokens - lineTokens)],
    line: line.slice(-lineTokens),
    after: suffix.slice(0, budget.suffixTokens),
  };
  return [...front.before, ...arrange(kept, infill, layout)];
}

/** The model's fill-in-the-middle tokens. Throws `completion.unsupported` where it has none. */
function infillTokensOf(info: ModelInfo): InfillTokens {
  if (info.infill !== null) return info.infill;
  throw new CodedError(
    'completion.unsupported',
    `${info.identity.name} has no fill-in-the-middle tokens, so it cannot complete code at a cursor.`,
    'Choose a model that can, such as qwen2.5-coder-0.5b.',
  );
}

/**
 * The last `limit` tokens, less up to a quarter: the cut moves in steps, so that a text which grows at its end
 * keeps its beginning, and with it the cache, for many key strokes.
 */
export function keepEnd(tokens: readonly TokenId[], limit: number): readonly TokenId[] {
  if (tokens.length <= limit) return tokens;
  const stride = Math.max(1, Math.floor(limit / 4));
  const start = Math.ceil((tokens.length - limit) / stride) * stride;
  return tokens.slice(start);
}

/** The character that Code Llama's and Mistral's own encoders put before a text, so that it gets no blank before it. */
const notBlank = '☺';

/** The text after the cursor, without the blank that a tokenizer may put before every text. */
async function tokenizeAfter(
  model: Pick<Model, 'tokenize'>,
  text: string,
  options: TokenizeOptions,
  { putsBlankBefore }: InfillTokens,
): Promise<readonly TokenId[]> {
  if (!putsBlankBefore) return model.tokenize(text, options);
  const [marked, whole] = await Promise.all([
    model.tokenize(notBlank, options),
    model.tokenize(notBlank + text, options),
  ]);
  return whole.slice(marked.length);
}

/** Tokens of the texts around the cursor; `line` is empty but in the layout that takes it apart. */
interface PromptParts {
  readonly before: readonly TokenId[];
  readonly line: readonly TokenId[];
  readonly after: readonly TokenId[];
}

function arrange(
  { before, line, after }: PromptParts,
  { prefix, suffix, middle: marker }: InfillTokens,
  layout: InfillLayout,
): readonly TokenId[] {
  const middle = marker === null ? [] : [marker];
  switch (layout) {
    case 'suffixFirst':
      return [prefix, suffix, ...after, ...middle, ...before];
    case 'prefixFirst':
      return [prefix, ...before, suffix, ...after, ...middle];
    case 'lineLast':
      return [prefix, ...before, suffix, ...after, ...middle, ...line];
    case 'suffixThenPrefix':
      return [suffix, ...after, prefix, ...before, ...middle];
  }
}
