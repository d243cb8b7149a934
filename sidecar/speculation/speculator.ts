import type { DraftSource } from '../../protocol/traceEvent.ts';
import type { TokenId } from '../engine/engine.ts';
import { AcceptanceRecord } from './acceptanceRecord.ts';
import type { BatchCost } from './batchCost.ts';
import type { Draft, Drafter } from './drafter.ts';
import { chooseDraftLength, type DraftChoice } from './governor.ts';

/** Longest draft: with it a decode call has 16 tokens, beyond which no machine measured so far gained. */
const maxDraftTokens = 15;
/** Draft length where speculation is forced on, for comparison. */
const forcedDraftTokens = 8;

/** What the sequences of one model share. */
export interface SpeculationSettings {
  /** `auto` drafts only where the governor expects a gain; `on` always, whatever it costs. */
  readonly mode: 'auto' | 'on';
  readonly cost: BatchCost;
  readonly acceptance: AcceptanceRecord;
}

/** A draft that has been right so far, and the position that the next token of the text is held against. */
interface Prediction {
  readonly tokens: readonly TokenId[];
  readonly position: number;
}

/**
 * Speculation of one sequence: asks its drafter, cuts the draft to the length that pays, and keeps score.
 * Drafts that are not worth decoding are still compared with the text that comes, so acceptance is known without
 * spending anything, and a drafter that turns good is noticed.
 *
 * Per decode step: `propose`, decode the last token with the draft, draw tokens from the model's own distribution
 * for as long as they equal the draft, then `generated` with all that were drawn.
 */
export class Speculator {
  readonly #drafter: Drafter;
  readonly #settings: SpeculationSettings;
  readonly #acceptance: AcceptanceRecord;
  /** By lane, one each: long drafts that stay undecided must not keep other lanes from being scored. */
  readonly #predictions = new Map<string, Prediction>();

  constructor(drafter: Drafter, settings: SpeculationSettings) {
    this.#drafter = drafter;
    this.#settings = settings;
    this.#acceptance = new AcceptanceRecord(settings.acceptance);
  }

  get source(): DraftSource {
    return this.#drafter.source;
  }

  /** `context.slice(from)` was appended from outside. */
  prompted(context: readonly TokenId[], from: number): void {
    this.#predictions.clear();
    this.#drafter.observe(context, from, 'prompt');
  }

  /**
   * Tokens to verify behind `context`, at most `roomTokens` and 15; empty to decode plainly. `others` is what shares
   * the decode call already.
   */
  propose(
    context: readonly TokenId[],
    roomTokens: number,
    others: DraftChoice['others'],
  ): readonly TokenId[] {
    const draft = this.#drafter.propose(context, Math.min(maxDraftTokens, roomTokens));
    if (draft.tokens.length === 0) return [];
    const lane = this.#laneOf(draft);
    const length = this.#lengthFor(draft, lane, others);
    if (length > 0 || !this.#predictions.has(lane)) {
      this.#predictions.set(lane, { tokens: draft.tokens, position: 0 });
    }
    return draft.tokens.slice(0, length);
  }

  /** `context.slice(from)` was drawn from the model. */
  generated(context: readonly TokenId[], from: number): void {
    for (const token of context.slice(from)) this.#compare(token);
    this.#drafter.observe(context, from, 'output');
  }

  #lengthFor(draft: Draft, lane: string, others: DraftChoice['others']): number {
    if (this.#settings.mode === 'on') return Math.min(forcedDraftTokens, draft.tokens.length);
    return chooseDraftLength({
      acceptance: (position) => this.#acceptance.rate(lane, position),
      offeredTokens: draft.tokens.length,
      cost: this.#settings.cost,
      others,
      draftMs: (tokens) => this.#drafter.draftMs(tokens),
    });
  }

  /** Acceptance is kept by drafter and by the power of two that its evidence reaches. */
  #laneOf(draft: Draft): string {
    return `${this.#drafter.source}/${Math.floor(Math.log2(Math.max(1, draft.evidence)))}`;
  }

  #compare(token: TokenId): void {
    for (const [lane, { tokens, position }] of this.#predictions) {
      const isRight = tokens[position] === token;
      this.#acceptance.record(lane, position, isRight);
      if (isRight && position + 1 < tokens.length) {
        this.#predictions.set(lane, { tokens, position: position + 1 });
      } else {
        this.#predictions.delete(lane);
      }
    }
  }
}
