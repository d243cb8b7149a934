import type { LoadOptions, RequestClass, TokenId } from '../engine.ts';
import { AcceptanceRecord } from './acceptanceRecord.ts';
import { BatchCost, type BatchCurve } from './batchCost.ts';
import { DraftTrust } from './draftTrust.ts';
import type { DrafterMaker } from './drafter.ts';
import { ProbeBudget } from './probeBudget.ts';
import { type SpeculationSettings, Speculator } from './speculator.ts';
import { type IndexedText, SuffixIndex } from './suffixIndex.ts';
import { TrieDrafter } from './trieDrafter.ts';

/** Tokens of prompts and outputs that one model remembers to draft from. */
const indexCapacityTokens = 65_536;
/** Most tokens of one document among them, and most documents. */
const documentTokens = 16_384;
const mostDocuments = 8;

/** How far drafts are believed before any was seen: an edit repeats what is there, a chat seldom does. */
const firstBelief: Readonly<Record<RequestClass, number>> = { edit: 1, completion: 0.7, chat: 0.4 };

export interface ModelSpeculationDependencies {
  readonly mode: Exclude<LoadOptions['speculation'], 'off'>;
  /** What calls of this model cost on this machine; empty where it is not known, and then `auto` drafts nothing. */
  readonly curve: BatchCurve;
  /** Open the drafters that are asked where the trie has nothing that pays, in this order. */
  readonly makers: readonly DrafterMaker[];
}

/**
 * What the sequences of one loaded model share to speculate: measured costs, acceptance by request class, and remembered
 * texts. A sidecar serves one workspace, so the texts of two workspaces never meet.
 */
export class ModelSpeculation {
  readonly #mode: 'auto' | 'on';
  readonly #cost: BatchCost;
  readonly #makers: readonly DrafterMaker[];
  readonly #acceptance = new AcceptanceRecord(null);
  readonly #scoreByClass = new Map<RequestClass, Pick<SpeculationSettings, 'acceptance' | 'trust'>>();
  readonly #probes = new ProbeBudget();
  readonly #index = new SuffixIndex(indexCapacityTokens);
  /** By key, in order of use, oldest first. */
  readonly #documents = new Map<string, IndexedText>();

  constructor({ mode, curve, makers }: ModelSpeculationDependencies) {
    this.#mode = mode;
    this.#cost = new BatchCost(curve);
    this.#makers = makers;
  }

  /** For one new sequence, forked or empty. Its owner disposes it. */
  open(requestClass: RequestClass): Speculator {
    const others = this.#makers.map((maker) => maker.open()).filter((drafter) => drafter !== null);
    return new Speculator([new TrieDrafter(this.#index), ...others], {
      mode: this.#mode,
      cost: this.#cost,
      ...this.#scoreOf(requestClass),
      probes: this.#probes,
    });
  }

  /**
   * Takes a text into the memory that drafts come from, in place of the one with the same key. `tokens` is called only
   * where it is wanted; the first 16,384 are kept.
   */
  remember(key: string, tokens: () => readonly TokenId[]): void {
    const before = this.#documents.get(key);
    if (before !== undefined) this.#index.forget(before);
    const text = this.#index.open('document', []);
    for (const token of tokens().slice(0, documentTokens)) this.#index.append(text, token);
    this.#documents.delete(key);
    this.#documents.set(key, text);
    for (const [oldest, forgotten] of this.#documents) {
      if (this.#documents.size <= mostDocuments) break;
      this.#index.forget(forgotten);
      this.#documents.delete(oldest);
    }
  }

  /** A decode call of generating sequences alone took this long, with sampling and statistics. */
  noteCall(tokens: number, durationMs: number): void {
    this.#cost.record(tokens, durationMs);
    this.#probes.earn(durationMs, this.#cost.expectedMs(1) ?? 0);
  }

  /** What calls cost, by what was measured and has been seen since; null where it had better be measured again. */
  curve(): BatchCurve | null {
    return this.#cost.wasDisturbed ? null : this.#cost.curve();
  }

  #scoreOf(requestClass: RequestClass): Pick<SpeculationSettings, 'acceptance' | 'trust'> {
    const known = this.#scoreByClass.get(requestClass);
    if (known !== undefined) return known;
    const score = {
      acceptance: new AcceptanceRecord(this.#acceptance),
      trust: new DraftTrust(firstBelief[requestClass]),
    };
    this.#scoreByClass.set(requestClass, score);
    return score;
  }
}
