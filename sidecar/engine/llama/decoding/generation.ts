import type { Alternative, DraftSource, TokenSource } from '../../../../protocol/traceEvent.ts';
import type { LogitsKernel } from '../../../numeric/logitsKernel.ts';
import { uniformAt } from '../../../numeric/random.ts';
import { isFiniteRow, shapeOf } from '../../../numeric/tokenStatistics.ts';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { DraftCount, GenerateEnd, GenerateRequest, TokenId, TokenStep } from '../../engine.ts';
import { RequiredStart } from '../../requiredStart.ts';
import { StopRules } from '../../stopRules.ts';
import { drawAmong } from './drawAmong.ts';
import type { GrammarFilter } from './grammarFilter.ts';
import { chooseToken } from './tokenSampler.ts';
import type { Utf8Assembler } from './utf8Assembler.ts';
import type { Vocabulary } from '../native/vocabulary.ts';

/** Streams of the request's random numbers: the draws of tokens, and those in place of one that the grammar refused. */
const samplingStream = 0;
const redrawStream = 1;

/** How far below the largest logit one is put that must not be drawn: no weight is left of it at any temperature. */
const refusedDistance = 1e4;

/** A token chosen from one row of logits, not yet part of the text. */
export interface ChosenToken {
  readonly id: TokenId;
  readonly logprob: number;
  readonly entropyNats: number;
  readonly varentropy: number;
  readonly margin: number;
  readonly alternatives: readonly Alternative[];
  /** Drawn among the few tokens that a required start left. */
  readonly isRequired: boolean;
}

/**
 * One `generate` call: chooses tokens from rows of logits and applies the stop rules. The token at index i uses
 * the i-th number of the request's stream, with drafts or without: they change what is drawn by rounding alone. A
 * grammar is asked about the token that was drawn, and about all others only where it refuses that one. A required start
 * decides among which tokens is drawn at all.
 */
export class Generation {
  readonly request: GenerateRequest;
  /** What the last token was drawn from, once the generation has ended by one; null where no states were asked for. */
  lastState: Float32Array | null = null;
  readonly #vocabulary: Vocabulary;
  readonly #text: Utf8Assembler;
  readonly #rules: StopRules;
  readonly #grammar: GrammarFilter | null;
  readonly #start: RequiredStart;
  #unwrittenStart: string | null = null;
  #count = 0;
  #droppedTokenCount = 0;
  readonly #drafts = new Map<DraftSource, DraftCount>();

  /** The grammar is the generation's from here on. */
  constructor(
    request: GenerateRequest,
    vocabulary: Vocabulary,
    { text, grammar }: { readonly text: Utf8Assembler; readonly grammar: GrammarFilter | null },
  ) {
    this.request = request;
    this.#vocabulary = vocabulary;
    this.#text = text;
    this.#grammar = grammar;
    this.#rules = new StopRules(request);
    this.#start = new RequiredStart(request.mustBeginWith ?? '');
  }

  /** Whether the next token is drawn among those that a required start leaves: nothing can be drafted then. */
  get isStartDue(): boolean {
    return !this.#start.isWritten && this.#unwrittenStart === null;
  }

  /** Text that no token could go on with; null while one could. */
  get unwrittenStart(): string | null {
    return this.#unwrittenStart;
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
      draftCount: (before?.draftCount ?? 0) + 1,
      draftedTokenCount: (before?.draftedTokenCount ?? 0) + draftedTokens,
      acceptedTokenCount: (before?.acceptedTokenCount ?? 0) + acceptedTokens,
    });
  }

  /**
   * Chooses the next token from the kernel's row. Throws `engine.failed` when the row holds no numbers, and
   * `grammar.invalid` when the grammar leaves none to choose.
   */
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
    const uniform = uniformAt(seed, samplingStream, this.#count);
    const required = this.#drawStart(kernel.row, uniform);
    const summary = { mostLikely, max: sums.max, logNormalizer: shape.logNormalizer };
    const drawn = required ?? chooseToken(kernel, summary, sampler, uniform);
    const logprobs = Array.from(leading.logits, (logit) => logit - shape.logNormalizer);
    const [first = 0, second = -Infinity] = logprobs;
    const leadingIds = Array.from(leading.ids);
    const isRefused = this.#grammar !== null && !this.#grammar.allows(drawn);
    const id = isRefused ? this.#redraw(kernel, this.#grammar, sums.max) : drawn;
    return {
      id,
      logprob: (kernel.row[id] ?? NaN) - shape.logNormalizer,
      entropyNats: shape.entropyNats,
      varentropy: shape.varentropy,
      margin: Math.exp(first) - Math.exp(second),
      alternatives: logprobs.slice(0, alternatives).map((logprob, i) => {
        const alternative = leadingIds[i] ?? 0;
        return { id: alternative, text: this.#vocabulary.textOf(alternative), logprob };
      }),
      isRequired: required !== null,
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
    this.#grammar?.accept(chosen.id);
    const { isRequired, ...statistics } = chosen;
    const piece = this.#vocabulary.piece(chosen.id);
    if (isRequired) this.#start.write(piece);
    const text = this.#text.push(piece);
    const step = { ...statistics, text, source: isRequired ? ('required' as const) : source };
    return { step, end: this.#rules.observe(text) };
  }

  /** Frees the grammar. Idempotent. */
  dispose(): void {
    this.#grammar?.dispose();
  }

  /** A draw among the tokens that the required start leaves; null where none is due, or where it leaves none. */
  #drawStart(row: Float32Array, uniform: number): TokenId | null {
    if (!this.isStartDue) return null;
    const ids = this.#vocabulary.index.tokensFor(this.#start.rest);
    if (ids.length > 0) return drawAmong(row, ids, { settings: this.request.sampler, uniform });
    this.#unwrittenStart = this.#start.restText();
    return null;
  }

  /** A draw among the tokens that the grammar allows, with a number of its own, since the first one chose the refused. */
  #redraw(kernel: LogitsKernel, grammar: GrammarFilter, max: number): TokenId {
    if (grammar.refuse(kernel.row, max - refusedDistance) === 0) {
      throw new CodedError(
        'grammar.invalid',
        'The grammar allows no token of this model after the text so far.',
        'Let the grammar end there, or go on with text that can be written.',
      );
    }
    const { sums, leading } = kernel.analyse(1);
    const [mostLikely = 0] = leading.ids;
    const { logNormalizer } = shapeOf(sums);
    const uniform = uniformAt(this.request.seed, redrawStream, this.#count);
    const id = chooseToken(
      kernel,
      { mostLikely, max: sums.max, logNormalizer },
      this.request.sampler,
      uniform,
    );
    // Rounding may leave a draw at the row's end, on a token without weight.
    return grammar.allows(id) ? id : mostLikely;
  }
}
