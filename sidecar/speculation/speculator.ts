import type { DraftSource } from '../../protocol/traceEvent.ts';
import type { TokenId } from '../engine/engine.ts';
import { AcceptanceRecord } from './acceptanceRecord.ts';
import type { BatchCost } from './batchCost.ts';
import type { DraftLimits, DraftNode, Drafter } from './drafter.ts';
import { chooseDraftLength, type DraftChoice } from './governor.ts';

/** Longest draft: with it a decode call has 16 tokens, beyond which no machine measured so far gained. */
const maxDraftTokens = 15;
/** Draft length where speculation is forced on, for comparison. */
const forcedDraftTokens = 8;
/**
 * Acceptance taken of a drafter that was never tried, where each try costs time and nothing is learnt without one. A
 * look-up is scored without being decoded and has to earn its rate.
 */
const hopedAcceptance = 0.7;

/** What the sequences of one model and class share. */
export interface SpeculationSettings {
  /** `auto` drafts only where the governor expects a gain; `on` always, whatever it costs. */
  readonly mode: 'auto' | 'on';
  readonly cost: BatchCost;
  readonly acceptance: AcceptanceRecord;
}

/** What to verify in the next decode call: nodes as in `Draft`, none to decode plainly. */
export interface Proposal {
  readonly source: DraftSource;
  readonly nodes: readonly DraftNode[];
}

/** Plain decoding. */
export const noProposal: Proposal = { source: 'trie', nodes: [] };

/** A draft that has been right so far, and the position that the next token of the text is held against. */
interface Prediction {
  readonly tokens: readonly TokenId[];
  readonly position: number;
}

/**
 * Speculation of one sequence: asks its drafters in order, cuts the draft to the length that pays, and keeps score.
 * A drafter whose drafts cost time is asked only for a length that the governor expects to pay for. Drafts of a look-up
 * that are not worth decoding are still compared with the text that comes, so acceptance is known without
 * spending anything, and a drafter that turns good is noticed.
 *
 * Per decode step: `propose`, decode the last token with the draft, draw tokens from the model's own distribution
 * for as long as they equal the draft, then `generated` with all that were drawn.
 */
export class Speculator {
  readonly #drafters: readonly Drafter[];
  readonly #settings: SpeculationSettings;
  readonly #acceptance: AcceptanceRecord;
  /** By lane, one each: long drafts that stay undecided must not keep other lanes from being scored. */
  readonly #predictions = new Map<string, Prediction>();

  constructor(drafters: readonly Drafter[], settings: SpeculationSettings) {
    this.#drafters = drafters;
    this.#settings = settings;
    this.#acceptance = new AcceptanceRecord(settings.acceptance);
  }

  /** `context.slice(from)` was appended from outside. */
  prompted(context: readonly TokenId[], from: number): void {
    this.#predictions.clear();
    for (const drafter of this.#drafters) drafter.observe(context, from, 'prompt');
  }

  /**
   * What to verify behind `context`, at most `roomTokens` and 15 tokens. `others` is what shares the decode call
   * already.
   */
  propose(context: readonly TokenId[], roomTokens: number, others: DraftChoice['others']): Proposal {
    const room = Math.min(maxDraftTokens, roomTokens);
    if (room <= 0) return noProposal;
    for (const drafter of this.#drafters) {
      const isFree = drafter.draftMs(context, 1) === 0;
      const nodes = isFree
        ? this.#lookUp(drafter, context, { room, others })
        : this.#order(drafter, context, { room, others });
      if (nodes.length > 0) return { source: drafter.source, nodes };
    }
    return noProposal;
  }

  /** `context.slice(from)` was drawn from the model. */
  generated(context: readonly TokenId[], from: number): void {
    for (const token of context.slice(from)) this.#compare(token);
    for (const drafter of this.#drafters) drafter.observe(context, from, 'output');
  }

  dispose(): void {
    for (const drafter of this.#drafters) drafter.dispose();
  }

  /** Drafts first and decides then how much of it to decode. */
  #lookUp(drafter: Drafter, context: readonly TokenId[], { room, others }: Wish): readonly DraftNode[] {
    const { nodes, evidence } = drafter.propose(context, chain(room));
    if (nodes.length === 0) return [];
    const lane = laneOf(drafter, evidence);
    const length = this.#lengthFor(drafter, context, { lane, room: nodes.length, others, unseen: 0 });
    if (length > 0 || !this.#predictions.has(lane)) this.#predict(lane, nodes);
    return nodes.slice(0, length);
  }

  /** Decides first how much to draft. */
  #order(drafter: Drafter, context: readonly TokenId[], wish: Wish): readonly DraftNode[] {
    const lane = laneOf(drafter, 1);
    const length = this.#lengthFor(drafter, context, { ...wish, lane, unseen: hopedAcceptance });
    if (length === 0) return [];
    const { nodes } = drafter.propose(context, chain(length));
    if (nodes.length > 0) this.#predict(lane, nodes);
    return nodes;
  }

  #lengthFor(
    drafter: Drafter,
    context: readonly TokenId[],
    { lane, room, others, unseen }: Wish & { readonly lane: string; readonly unseen: number },
  ): number {
    if (this.#settings.mode === 'on') return Math.min(forcedDraftTokens, room);
    return chooseDraftLength({
      acceptance: (position) => this.#acceptance.rate(lane, position, unseen),
      offeredTokens: room,
      cost: this.#settings.cost,
      others,
      draftMs: (tokens) => drafter.draftMs(context, tokens),
    });
  }

  #predict(lane: string, nodes: readonly DraftNode[]): void {
    this.#predictions.set(lane, { tokens: nodes.map(({ token }) => token), position: 0 });
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

interface Wish {
  readonly room: number;
  readonly others: DraftChoice['others'];
}

function chain(maxTokens: number): DraftLimits {
  return { maxTokens, branches: 1, leastConfidence: 0 };
}

/** Acceptance is kept by drafter and by the power of two that its evidence reaches. */
function laneOf(drafter: Drafter, evidence: number): string {
  return `${drafter.source}/${Math.floor(Math.log2(Math.max(1, evidence)))}`;
}
