import type { LoadOptions } from '../engine/engine.ts';
import { AcceptanceRecord } from './acceptanceRecord.ts';
import { BatchCost } from './batchCost.ts';
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
  readonly #acceptance = new AcceptanceRecord(null);
  readonly #index = new SuffixIndex(indexCapacityTokens);

  constructor(mode: Exclude<LoadOptions['speculation'], 'off'>) {
    this.#mode = mode;
  }

  /** For one new sequence, forked or empty. */
  open(): Speculator {
    return new Speculator(new TrieDrafter(this.#index), {
      mode: this.#mode,
      cost: this.#cost,
      acceptance: this.#acceptance,
    });
  }

  /** A decode call of generating sequences alone took this long, with sampling and statistics. */
  noteCall(tokens: number, durationMs: number): void {
    this.#cost.record(tokens, durationMs);
  }
}
