import type { Alternative, DraftSource, TokenSource } from '../../../protocol/traceEvent.ts';
import type { LogitsKernel } from '../../numeric/logitsKernel.ts';
import { uniformAt } from '../../numeric/random.ts';
import { isFiniteRow, shapeOf } from '../../numeric/tokenStatistics.ts';
import { CodedError } from '../../../protocol/codedError.ts';
import type { DraftCount, GenerateEnd, GenerateRequest, TokenId, TokenStep } from '../engine.ts';
import { StopRules } from '../stopRules.ts';
import { chooseToken } from './tokenSampler.ts';
import type { Utf8Assembler } from './utf8Assembler.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Stream of the request's random numbers that chooses tokens; others may be added beside it. */
const samplingStream = 0;

/** A token chosen from one row of logits, not yet part of the text. */
export interface ChosenToken {
  readonly id: TokenId;
  readonly logprob: number;
  readonly entropyNats: number;
  readonly varentropy: number;
  readonly margin: number;
  readonly alternatives: readonly Alternative[];
}

/**
 * One `generate` call: chooses tokens from rows of logits and applies the stop rules. The token at index i uses
 * the i-th number of the request's stream, with drafts or without: they change what is drawn by rounding alone.
 */
export class Generation {
  readonly request: GenerateRequest;
  readonly #vocabulary: Vocabulary;
  readonly #text: Utf8Assembler;
  readonly #rules: StopRules;
  #count = 0;
  #droppedTokenCount = 0;
  readonly #drafts = new Map<DraftSource, DraftCount>();

  constructor(request: GenerateRequest, vocabulary: Vocabulary, text: Utf8Assembler) {
    this.request = request;
    this.#vocabulary = vocabulary;
    this.#text = text;
    this.#rules = new StopRules(request);
  }

  /** Tokens generated so far. */
  get count(): number {
    return this.#count;
  }

  /** What was drafted for it so far, by source. */
  get drafts(): readonly DraftCount[] {
    return [...this.#drafts.values()];
  }

  /** Tokens of the sequence that the context dropped meanwhile. */
  get droppedTokenCount(): number {
    return this.#droppedTokenCount;
  }

  /** The context dropped tokens of the sequence to make room. */
  countDropped(tokens: number): void {
    this.#droppedTokenCount += tokens;
  }

  /** Counts one draft that was decoded. */
  countDraft(source: DraftSource, draftedTokens: number, acceptedTokens: number): void {
    const before = this.#drafts.get(source);
    this.#drafts.set(source, {
      source,
      draftedTokenCount: (before?.draftedTokenCount ?? 0) + draftedTokens,
      acceptedTokenCount: (before?.acceptedTokenCount ?? 0) + acceptedTokens,
    });
  }

  /** Chooses the next token from the kernel's row. Throws `engine.failed` when the row holds no numbers. */
  choose(kernel: LogitsKernel): ChosenToken {
    const { sampler, seed, alternatives } = this.request;
    const { sums, leading } = kernel.analyse(Math.max(2, alternatives));
    if (!isFiniteRow(sums)) {
      throw new CodedError(
        'engine.failed',
        'The model computed values that are not numbers, so its answer cannot go on.',
        'Ask again; if it repeats, verify the model with "entropane models verify".',
      );
    }
    const shape = shapeOf(sums);
    const [mostLikely = 0] = leading.ids;
    const id = chooseToken(
      kernel,
      { mostLikely, max: sums.max, logNormalizer: shape.logNormalizer },
      sampler,
      uniformAt(seed, samplingStream, this.#count),
    );
    const logprobs = Array.from(leading.logits, (logit) => logit - shape.logNormalizer);
    const [first = 0, second = -Infinity] = logprobs;
    return {
      id,
      logprob: (kernel.row[id] ?? NaN) - shape.logNormalizer,
      entropyNats: shape.entropyNats,
      varentropy: shape.varentropy,
      margin: Math.exp(first) - Math.exp(second),
      alternatives: logprobs.slice(0, alternatives).map((logprob, i) => {
        const alternative = leading.ids[i] ?? 0;
        return { id: alternative, text: this.#vocabulary.textOf(alternative), logprob };
      }),
    };
  }

  /** Makes a chosen token part of the text: its step, null for an end token, and why the request ends, if it does. */
  accept(
    chosen: ChosenToken,
    source: TokenSource,
  ): { readonly step: TokenStep | null; readonly end: GenerateEnd | null } {
    this.#count += 1;
    if (this.#vocabulary.endTokens.has(chosen.id)) {
      return { step: null, end: { type: 'endToken', id: chosen.id } };
    }
    const text = this.#text.push(this.#vocabulary.piece(chosen.id));
    return { step: { ...chosen, text, source }, end: this.#rules.observe(text) };
  }
}
