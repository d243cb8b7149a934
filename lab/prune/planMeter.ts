import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { ServedKind } from '../../sidecar/layerSkip/textQuality.ts';
import type { BlockObserver } from '../observe/blockObservation.ts';
import type { CalibrationText } from './calibrationText.ts';
import { type CalibrationTokens, encodeCalibration, tokenCountOf } from './calibrationTokens.ts';
import { type BlockChoiceResult, chooseByInfluence, chooseByLoss, defaultDropRules } from './chooseBlocks.ts';
import { checkDroppedBlocks, type PlanMeasurement, type PrunePlan } from './prunePlan.ts';
import { spreadOver } from '../numeric/spreadOver.ts';
import { compareQuality, type PredictedText, predictTexts, predictWhole } from './predictTexts.ts';

/** Tokens of the longest text that blocks are measured on: the context that the model is opened with. */
export const measuredTextTokens = 512;

/** What blocks can be chosen by. */
type ChosenBy = 'influence' | 'loss';

export interface PlanMeterOptions {
  /** SHA-256 of the observed file. */
  readonly sourceSha256: string;
  readonly text: CalibrationText;
  /** What the smaller model is for: only texts of these kinds are read. */
  readonly kinds: readonly ServedKind[];
  readonly seed: number;
  /** Tokens read for each measurement, about. */
  readonly tokens: number;
  /** `what` is under way, so much of it done. */
  readonly onProgress: (what: string, done: number, total: number) => void;
}

/** Encoding is over in seconds, and every prompt that is rendered has a time limit of its own. */
const unhurried = new AbortController().signal;

/** Chooses blocks of a model, and says what leaving some out costs, on a calibration text. Owns nothing. */
export class PlanMeter {
  readonly #observer: BlockObserver;
  readonly #options: PlanMeterOptions;
  readonly #training: readonly CalibrationTokens[];
  readonly #heldOut: readonly CalibrationTokens[];
  #whole: readonly PredictedText[] | null = null;
  readonly #chosen = new Map<ChosenBy, BlockChoiceResult>();

  private constructor(
    observer: BlockObserver,
    options: PlanMeterOptions,
    texts: {
      readonly training: readonly CalibrationTokens[];
      readonly heldOut: readonly CalibrationTokens[];
    },
  ) {
    this.#observer = observer;
    this.#options = options;
    this.#training = texts.training;
    this.#heldOut = texts.heldOut;
  }

  /** Throws `parameter.invalid` where the text holds nothing of these kinds for this model, to choose by or to judge by. */
  static async open(observer: BlockObserver, options: PlanMeterOptions): Promise<PlanMeter> {
    const { text, kinds, seed, tokens } = options;
    const shape = { seed, maxTokens: measuredTextTokens };
    const encode = async (pieces: CalibrationText['training']): Promise<readonly CalibrationTokens[]> => {
      const all = await encodeCalibration(observer.model, pieces, shape, unhurried);
      const served = all.filter(({ kind }) => kinds.includes(kind));
      return spreadOver(served, tokens, tokenCountOf);
    };
    const texts = { training: await encode(text.training), heldOut: await encode(text.heldOut) };
    if (texts.training.length === 0 || texts.heldOut.length === 0) throw nothingToRead(kinds);
    return new PlanMeter(observer, options, texts);
  }

  /** Texts that smaller models are judged by, as this model reads them. */
  get heldOut(): readonly CalibrationTokens[] {
    return this.#heldOut;
  }

  /**
   * A plan without so many blocks, chosen and judged by measuring. Blocks are chosen one after another, so that the plan
   * for fewer is how that for more begins: of several, ask for the largest first, and the others cost only their judging.
   * Throws `plan.invalid` and `cancelled`.
   */
  async choose(count: number, by: ChosenBy, signal: AbortSignal): Promise<PrunePlan> {
    const { dropped, scores } = await this.#chooseBlocks(count, by, signal);
    const { sourceSha256 } = this.#options;
    const { blockCount } = requireLocal(this.#observer.model.info);
    const droppedBlocks = checkDroppedBlocks(dropped.slice(0, count), blockCount);
    const measured = await this.measure(droppedBlocks, scores, signal);
    return { sourceSha256, blockCount, droppedBlocks, choice: { type: by }, measured };
  }

  /** What leaving the blocks out costs on held-out text. `scores` by which they were chosen, if any. */
  async measure(
    droppedBlocks: readonly number[],
    scores: PlanMeasurement['scores'],
    signal: AbortSignal,
  ): Promise<PlanMeasurement> {
    const whole = await this.predictWhole(signal);
    const onText = this.#counter(`Measuring without ${droppedBlocks.join(', ')}`);
    const options = { changes: { dropped: droppedBlocks }, onText };
    const smaller = await predictTexts(this.#observer, this.#heldOut, options, signal);
    const { text, seed } = this.#options;
    return { textSha256: text.sha256, seed, scores, quality: compareQuality(whole, smaller) };
  }

  /** The whole model's predictions on held-out text, computed once. */
  async predictWhole(signal: AbortSignal): Promise<readonly PredictedText[]> {
    const onText = this.#counter('Measuring the whole model');
    this.#whole ??= await predictWhole(this.#observer, this.#heldOut, onText, signal);
    return this.#whole;
  }

  /** At least so many blocks, in the order of being chosen. */
  async #chooseBlocks(count: number, by: ChosenBy, signal: AbortSignal): Promise<BlockChoiceResult> {
    const known = this.#chosen.get(by);
    if (known !== undefined && known.dropped.length >= count) return known;
    let done = 0;
    const options = {
      count,
      rules: defaultDropRules,
      onProgress: (tokenCount: number, totalTokens: number) => {
        done += tokenCount;
        this.#options.onProgress(`Choosing by ${by}`, done, Math.max(done, totalTokens));
      },
    };
    const choose = by === 'influence' ? chooseByInfluence : chooseByLoss;
    const result = await choose(this.#observer, this.#training, options, signal);
    this.#chosen.set(by, result);
    return result;
  }

  #counter(what: string): (tokenCount: number) => void {
    const total = this.#heldOut.reduce((sum, { tokens }) => sum + tokens.length, 0);
    let done = 0;
    return (tokenCount) => {
      done += tokenCount;
      this.#options.onProgress(what, done, total);
    };
  }
}

function nothingToRead(kinds: readonly ServedKind[]): CodedError {
  return new CodedError(
    'parameter.invalid',
    `The text holds too little of the kind ${kinds.join(' or ')} that this model reads, so nothing can be measured.`,
    'Measure for another kind, give more text, or take a model with tokens for gaps or a chat template.',
  );
}
