import type { LoadOptions, RequestClass } from '../engine/engine.ts';
import { AcceptanceRecord } from './acceptanceRecord.ts';
import { BatchCost } from './batchCost.ts';
import type { DrafterMaker } from './drafter.ts';
import { Speculator } from './speculator.ts';
import { SuffixIndex } from './suffixIndex.ts';
import { TrieDrafter } from './trieDrafter.ts';

/** Tokens of prompts and outputs that one model remembers to draft from. */
const indexCapacityTokens = 65_536;

/**
 * What the sequences of one loaded model share to speculate: measured costs, acceptance, and remembered texts.
 * A sidecar serves one workspace, so the texts of two workspaces never meet.
 */
export class ModelSpeculation {
  readonly #mode: 'auto' | 'on';
  readonly #cost = new BatchCost();
  readonly #makers: readonly DrafterMaker[];
  readonly #acceptance = new Map<RequestClass, AcceptanceRecord>();
  readonly #index = new SuffixIndex(indexCapacityTokens);

  /** `makers` open the drafters that are asked where the trie has nothing that pays, in this order. */
  constructor(mode: Exclude<LoadOptions['speculation'], 'off'>, makers: readonly DrafterMaker[]) {
    this.#mode = mode;
    this.#makers = makers;
  }

  /** For one new sequence, forked or empty. Its owner disposes it. */
  open(requestClass: RequestClass): Speculator {
    const others = this.#makers.map((maker) => maker.open()).filter((drafter) => drafter !== null);
    return new Speculator([new TrieDrafter(this.#index), ...others], {
      mode: this.#mode,
      cost: this.#cost,
      acceptance: this.#acceptanceOf(requestClass),
    });
  }

  /** A decode call of generating sequences alone took this long, with sampling and statistics. */
  noteCall(tokens: number, durationMs: number): void {
    this.#cost.record(tokens, durationMs);
  }

  #acceptanceOf(requestClass: RequestClass): AcceptanceRecord {
    const known = this.#acceptance.get(requestClass);
    if (known !== undefined) return known;
    const record = new AcceptanceRecord(null);
    this.#acceptance.set(requestClass, record);
    return record;
  }
}
