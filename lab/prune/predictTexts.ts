import {
  type KindQuality,
  type ServedKind,
  servedKinds,
  type TextQuality,
} from '../../sidecar/layerSkip/textQuality.ts';
import { mean } from '../../sidecar/numeric/mean.ts';
import {
  type BlockChanges,
  type BlockObserver,
  noChanges,
  type TextPredictions,
} from '../observe/blockObservation.ts';
import type { CalibrationTokens } from './calibrationTokens.ts';

/** A model's predictions of each of some texts. */
export interface PredictedText {
  readonly text: CalibrationTokens;
  readonly predictions: TextPredictions;
}

export interface PredictOptions {
  readonly changes: BlockChanges;
  /** Called after each text. */
  readonly onText: (tokenCount: number) => void;
}

/** Predictions of the observed model, changed or not, on each text. */
export async function predictTexts(
  observer: BlockObserver,
  texts: readonly CalibrationTokens[],
  { changes, onText }: PredictOptions,
  signal: AbortSignal,
): Promise<readonly PredictedText[]> {
  const predicted: PredictedText[] = [];
  for (const text of texts) {
    predicted.push({ text, predictions: await observer.predict(text.tokens, changes, signal) });
    onText(text.tokens.length);
  }
  return predicted;
}

/** The same with no block changed. */
export function predictWhole(
  observer: BlockObserver,
  texts: readonly CalibrationTokens[],
  onText: (tokenCount: number) => void,
  signal: AbortSignal,
): Promise<readonly PredictedText[]> {
  return predictTexts(observer, texts, { changes: noChanges, onText }, signal);
}

/** Mean of −ln p over the tokens that the model itself would write, each kind of text counting alike. Pure. */
export function meanLossNats(predicted: readonly PredictedText[]): number {
  const means = servedKinds.flatMap((kind) => {
    const losses = predicted.filter(({ text }) => text.kind === kind).flatMap(answerLosses);
    return losses.length === 0 ? [] : [mean(losses)];
  });
  return mean(means);
}

/** The smaller model beside the whole one on the same texts in the same order. Pure. */
export function compareQuality(
  whole: readonly PredictedText[],
  smaller: readonly PredictedText[],
): TextQuality {
  const kinds: Partial<Record<ServedKind, KindQuality>> = {};
  for (const kind of servedKinds) {
    const pairs = whole.flatMap((reference, index) => {
      const other = smaller[index];
      return reference.text.kind === kind && other !== undefined ? [{ reference, other }] : [];
    });
    const tokenCount = pairs.reduce((sum, { reference }) => sum + answerLosses(reference).length, 0);
    if (tokenCount === 0) continue;
    const difference =
      mean(pairs.flatMap(({ other }) => answerLosses(other))) -
      mean(pairs.flatMap(({ reference }) => answerLosses(reference)));
    const agreed = pairs.reduce((sum, { reference, other }) => sum + agreements(reference, other), 0);
    kinds[kind] = {
      tokenCount,
      perplexityRatio: Math.exp(difference),
      greedyAgreement: agreed / tokenCount,
    };
  }
  const all = Object.values(kinds);
  return {
    tokenCount: all.reduce((sum, { tokenCount }) => sum + tokenCount, 0),
    perplexityRatio: Math.exp(mean(all.map(({ perplexityRatio }) => Math.log(perplexityRatio)))),
    greedyAgreement: mean(all.map(({ greedyAgreement }) => greedyAgreement)),
    kinds,
  };
}

/** Predictions of a text begin with its second token. */
const firstAnswer = ({ answerFrom }: CalibrationTokens): number => answerFrom - 1;

function answerLosses({ text, predictions }: PredictedText): readonly number[] {
  return Array.from(predictions.lossNats.subarray(firstAnswer(text)));
}

function agreements(reference: PredictedText, other: PredictedText): number {
  let agreed = 0;
  for (let i = firstAnswer(reference.text); i < reference.predictions.likeliest.length; i++) {
    if (reference.predictions.likeliest[i] === other.predictions.likeliest[i]) agreed += 1;
  }
  return agreed;
}
