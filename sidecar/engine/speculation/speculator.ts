import type { DraftSource } from '../../../protocol/traceEvent.ts';
import type { TokenId } from '../engine.ts';
import { AcceptanceRecord } from './acceptanceRecord.ts';
import type { BatchCost } from './batchCost.ts';
import { ConfidenceGate } from './confidenceGate.ts';
import type { DraftTrust } from './draftTrust.ts';
import type { Drafter, DraftNode } from './drafter.ts';
import { type CallPrice, chooseDraftLength, chooseNodes } from './governor.ts';
import type { ProbeBudget } from './probeBudget.ts';

/** Longest branch of a draft. */
const maxDraftTokens = 31;
/** Nodes in one branch, and in all, where speculation is forced on. */
const forcedDraftDepth = 6;
const forcedDraftTokens = 12;
/** Length at which a drafter that did not pay is tried again. */
const probeTokens = 3;
/** A look-up's guess below this chance of being reached is worth no row on any machine. */
const leastReach = 0.02;
/** Acceptance taken of a drafter that was never tried, where each try costs time and nothing is learnt without one. */
const hopedOfDrafter = 0.7;

/** What the sequences of one model and request class share. */
export interface SpeculationSettings {
  /** `auto` drafts only where the governor expects a gain; `on` always, whatever it costs. */
  readonly mode: 'auto' | 'on';
  readonly cost: BatchCost;
  readonly acceptance: AcceptanceRecord;
  readonly trust: DraftTrust;
  readonly probes: ProbeBudget;
}

/** What to verify in the next decode call: nodes as in `Draft`, none to decode plainly. */
export interface Proposal {
  readonly source: DraftSource;
  readonly nodes: readonly DraftNode[];
}

/** Plain decoding. */
export const noProposal: Proposal = { source: 'trie', nodes: [] };

/** What a draft may take: nodes, branches, and what shares its decode call. */
export interface DraftRoom {
  readonly tokens: number;
  readonly branches: number;
  readonly others: CallPrice['others'];
}

/** A draft that was made, and where in it the text has come to. */
interface Prediction {
  readonly nodes: readonly DraftNode[];
  /** Chances of the nodes that look worthwhile, by index, whether or not they were believed. */
  readonly promised: ReadonlyMap<number, number>;
  /** Node that the text has reached; −1 is the context. */
  reached: number;
  depth: number;
  /** Set for a draft that took time: it is scored by position too, which is known before the next is made. */
  readonly gate: ConfidenceGate | null;
}

const nothingPromised: ReadonlyMap<number, number> = new Map();

interface CostlyDrafter {
  readonly drafter: Drafter;
  readonly gate: ConfidenceGate;
}

/**
 * Speculation of one sequence: asks its drafters in order, cuts the draft to what pays, and keeps score. A look-up is
 * asked first, drafts for nothing, and what it says is compared with the text that comes even where it was not worth
 * decoding: so its acceptance, and how far it can be believed, are known without spending anything. A drafter that takes
 * time is asked only where the look-up has nothing that pays, and only for a length that the governor expects to pay for.
 *
 * Per decode step: `propose`, decode the last token with the draft, draw tokens from the model's own distribution
 * for as long as they are in the draft, then `generated` with all that were drawn.
 */
export class Speculator {
  readonly #free: readonly Drafter[];
  readonly #costly: readonly CostlyDrafter[];
  readonly #settings: SpeculationSettings;
  readonly #acceptance: AcceptanceRecord;
  /** By source, the newest draft each, as long as the text agrees with it. */
  readonly #predictions = new Map<DraftSource, Prediction>();

  /** `drafters` in the order in which they are asked; those that take time come after those that do not. */
  constructor(drafters: readonly Drafter[], settings: SpeculationSettings) {
    this.#free = drafters.filter((drafter) => drafter.source === 'trie');
    this.#costly = drafters
      .filter((drafter) => drafter.source !== 'trie')
      .map((drafter) => ({ drafter, gate: new ConfidenceGate() }));
    this.#settings = settings;
    this.#acceptance = new AcceptanceRecord(settings.acceptance);
  }

  /** `context.slice(from)` was appended from outside. */
  prompted(context: readonly TokenId[], from: number): void {
    this.#predictions.clear();
    for (const drafter of this.#drafters()) drafter.observe(context, from, 'prompt');
  }

  /** What to verify after `context`: at most the room's nodes, and 31 in one branch. */
  propose(context: readonly TokenId[], room: DraftRoom): Proposal {
    if (room.tokens <= 0) return noProposal;
    for (const drafter of this.#free) {
      const nodes = this.#lookUp(drafter, context, room);
      if (nodes.length > 0) return { source: drafter.source, nodes };
    }
    for (const { drafter, gate } of this.#costly) {
      const nodes = this.#order(drafter, context, { ...room, gate });
      if (nodes.length > 0) return { source: drafter.source, nodes };
    }
    return noProposal;
  }

  /** `context.slice(from)` was drawn from the model. */
  generated(context: readonly TokenId[], from: number): void {
    for (const token of context.slice(from)) this.#compare(token);
    for (const drafter of this.#drafters()) drafter.observe(context, from, 'output');
  }

  dispose(): void {
    for (const drafter of this.#drafters()) drafter.dispose();
  }

  *#drafters(): Generator<Drafter> {
    yield* this.#free;
    for (const { drafter } of this.#costly) yield drafter;
  }

  /** Drafts first and decides then how much of it to decode. */
  #lookUp(drafter: Drafter, context: readonly TokenId[], room: DraftRoom): readonly DraftNode[] {
    const { source } = drafter;
    const maxTokens = Math.min(maxDraftTokens, room.tokens);
    const { nodes } = drafter.propose(context, { maxTokens, branches: 2, leastConfidence: leastReach });
    if (nodes.length === 0) return [];
    const usable =
      room.branches > 1 ? [...nodes.keys()] : likeliestChain(nodes, (node) => this.#rateOf(source, node));
    const tree = keep(nodes, usable);
    const chances = tree.map((node) => this.#rateOf(source, node));
    const pick = (belief: number): readonly number[] => {
      const weighed = tree.map(({ parent }, place) => ({
        parent,
        acceptance: belief * (chances[place] ?? 0),
      }));
      return chooseNodes(weighed, this.#priceOf(room)).slice(0, room.tokens);
    };
    const worthwhile = pick(1);
    const promised = new Map(worthwhile.map((place) => [usable[place] ?? -1, chances[place] ?? 0]));
    this.#predictions.set(source, { nodes, promised, reached: -1, depth: 0, gate: null });
    if (this.#settings.mode === 'on') return shallow(tree, Math.min(forcedDraftTokens, room.tokens));
    const trust = this.#settings.trust.factor();
    return keep(tree, trust === 1 ? worthwhile : pick(trust));
  }

  /** Decides first how much to draft. */
  #order(
    drafter: Drafter,
    context: readonly TokenId[],
    room: DraftRoom & { readonly gate: ConfidenceGate },
  ): readonly DraftNode[] {
    const { source } = drafter;
    const price = this.#priceOf(room);
    const most = Math.min(maxDraftTokens, room.tokens);
    const maxTokens =
      this.#settings.mode === 'on'
        ? Math.min(forcedDraftDepth, most)
        : this.#lengthOf(drafter, context, { most, price });
    if (maxTokens === 0) return [];
    const limits = { maxTokens, branches: 1, leastConfidence: room.gate.leastConfidence };
    const { nodes } = drafter.propose(context, limits);
    if (nodes.length > 0) {
      const prediction = { nodes, promised: nothingPromised, reached: -1, depth: 0, gate: room.gate };
      this.#predictions.set(source, prediction);
    }
    return nodes;
  }

  #lengthOf(
    drafter: Drafter,
    context: readonly TokenId[],
    { most, price }: { readonly most: number; readonly price: CallPrice },
  ): number {
    const acceptance: number[] = [];
    for (let position = 0; position < most; position++) {
      const before = acceptance.at(-1) ?? hopedOfDrafter;
      acceptance.push(this.#acceptance.rate(positionLane(drafter.source, position), before));
    }
    const length = chooseDraftLength(acceptance, (tokens) => drafter.draftMs(context, tokens), price);
    if (length > 0) return length;
    const tokens = Math.min(probeTokens, most);
    const { cost, others } = price;
    const lossMs =
      drafter.draftMs(context, tokens) +
      (cost.expectedMs(others.tokens + 1 + tokens) ?? Infinity) -
      (cost.expectedMs(others.tokens + 1) ?? 0);
    return this.#settings.probes.spend(lossMs) ? tokens : 0;
  }

  #priceOf({ others }: DraftRoom): CallPrice {
    return { cost: this.#settings.cost, others };
  }

  #rateOf(source: DraftSource, { grounds, confidence }: DraftNode): number {
    return this.#acceptance.rate(`${source}/${grounds}`, confidence);
  }

  /** Scores every draft that the text has agreed with so far by its next token. */
  #compare(token: TokenId): void {
    for (const [source, prediction] of this.#predictions) {
      const { nodes, promised, reached, depth, gate } = prediction;
      const children = nodes.filter(({ parent }, index) => index > reached && parent === reached);
      const hit = children.find((node) => node.token === token);
      for (const node of children) {
        this.#acceptance.record(`${source}/${node.grounds}`, node === hit);
        const chance = promised.get(nodes.indexOf(node));
        if (chance !== undefined) this.#settings.trust.record(chance, node === hit);
      }
      if (gate !== null && children.length > 0) {
        this.#acceptance.record(positionLane(source, depth), hit !== undefined);
      }
      if (hit === undefined) {
        gate?.settle(children.length === 0);
        this.#predictions.delete(source);
      } else {
        prediction.reached = nodes.indexOf(hit);
        prediction.depth += 1;
      }
    }
  }
}

function positionLane(source: DraftSource, position: number): string {
  return `${source}/position ${position}`;
}

/** Indices of the branch with the most expected tokens, ascending. `rateOf`: a node's chance after its parent. */
function likeliestChain(nodes: readonly DraftNode[], rateOf: (node: DraftNode) => number): readonly number[] {
  const reaches: number[] = [];
  const sums: number[] = [];
  let best = -1;
  for (const [index, node] of nodes.entries()) {
    const reach = (reaches[node.parent] ?? 1) * rateOf(node);
    reaches.push(reach);
    sums.push((sums[node.parent] ?? 0) + reach);
    if ((sums[index] ?? 0) > (sums[best] ?? 0)) best = index;
  }
  const indices: number[] = [];
  for (let index = best; index >= 0; index = nodes[index]?.parent ?? -1) indices.push(index);
  return indices.reverse();
}

/** The nodes of these indices, ascending, each with all it follows, as a draft of their own. */
function keep(nodes: readonly DraftNode[], indices: readonly number[]): readonly DraftNode[] {
  const places = new Map(indices.map((index, place) => [index, place]));
  return indices.flatMap((index) => {
    const node = nodes[index];
    return node === undefined ? [] : [{ ...node, parent: places.get(node.parent) ?? -1 }];
  });
}

/** The first nodes of every branch, at most `most` in all. */
function shallow(nodes: readonly DraftNode[], most: number): readonly DraftNode[] {
  const depths: number[] = [];
  for (const { parent } of nodes) depths.push((depths[parent] ?? 0) + 1);
  const indices = [...depths.keys()].filter((index) => (depths[index] ?? 0) <= forcedDraftDepth);
  return keep(nodes, indices.slice(0, most));
}
