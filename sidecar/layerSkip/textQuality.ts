import { isRecord } from '../../protocol/isRecord.ts';

/** What a text asks of a model: to go on with a document, to fill in its middle, or to answer in a chat. */
export type ServedKind = 'document' | 'infill' | 'chat';

export const servedKinds: readonly ServedKind[] = ['document', 'infill', 'chat'];

/** How near a smaller model is to the whole one on texts of one kind, over the tokens that a model itself would write. */
export interface KindQuality {
  readonly tokenCount: number;
  /** Its perplexity divided by the whole model's: above 1 is worse. */
  readonly perplexityRatio: number;
  /** Share of tokens at which both models find the same one most likely, 0 to 1. */
  readonly greedyAgreement: number;
}

/** The same over all kinds that were measured, each with the same weight; ratios by their geometric mean. */
export interface TextQuality extends KindQuality {
  readonly kinds: Readonly<Partial<Record<ServedKind, KindQuality>>>;
}

/** Reads a quality from parsed JSON. Returns null where a member is missing or has another shape. */
export function readTextQuality(value: unknown): TextQuality | null {
  const whole = readKindQuality(value);
  if (whole === null || !isRecord(value) || !isRecord(value['kinds'])) return null;
  const kinds: Partial<Record<ServedKind, KindQuality>> = {};
  for (const kind of servedKinds) {
    if (value['kinds'][kind] === undefined) continue;
    const read = readKindQuality(value['kinds'][kind]);
    if (read === null) return null;
    kinds[kind] = read;
  }
  return { ...whole, kinds };
}

function readKindQuality(value: unknown): KindQuality | null {
  if (!isRecord(value)) return null;
  const { tokenCount, perplexityRatio, greedyAgreement } = value;
  return typeof tokenCount === 'number' &&
    typeof perplexityRatio === 'number' &&
    typeof greedyAgreement === 'number'
    ? { tokenCount, perplexityRatio, greedyAgreement }
    : null;
}
