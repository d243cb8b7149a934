import type { Capabilities } from '../capabilities.ts';
import type { GenerateRequest } from '../engine.ts';

/**
 * Watches one scripted sequence: throws, as no real engine would be so kind to, where something is asked of it that its
 * capabilities lack.
 */
export class TierRules {
  readonly #capabilities: Capabilities;
  /** Where the conversation ends that was appended; text beyond it was generated. */
  #promptLength: number;
  /** Whether what is held is a whole conversation, or nothing, and so can be answered. */
  #isWhole = true;

  /** `promptLength` of a fork is its parent's. */
  constructor(capabilities: Capabilities, { promptLength, isWhole }: TierState = emptyState) {
    this.#capabilities = capabilities;
    this.#promptLength = promptLength;
    this.#isWhole = isWhole;
  }

  get state(): TierState {
    return { promptLength: this.#promptLength, isWhole: this.#isWhole };
  }

  appended(length: number, count: number): void {
    if (this.#capabilities.continues) return;
    if (length > 0) throw lacking('the continuation of a text');
    this.#promptLength = length + count;
    this.#isWhole = true;
  }

  truncated(length: number): void {
    this.#isWhole = length === 0 || length === this.#promptLength;
    if (length === 0) this.#promptLength = 0;
  }

  /** Called with the length before anything is generated. */
  generates(length: number, { grammar, choices, mustBeginWith }: GenerateRequest): void {
    const { continues, constraint } = this.#capabilities;
    if (grammar !== undefined && constraint !== 'grammar') throw lacking('a grammar');
    if (choices !== undefined && constraint === 'none') throw lacking('a list of texts');
    if (grammar !== undefined && choices !== undefined) throw lacking('a grammar beside a list of texts');
    if (continues) return;
    if (mustBeginWith !== undefined) throw lacking('the beginning of an answer');
    if (!this.#isWhole || length !== this.#promptLength) throw lacking('the continuation of an answer');
  }
}

interface TierState {
  readonly promptLength: number;
  readonly isWhole: boolean;
}

const emptyState: TierState = { promptLength: 0, isWhole: true };

function lacking(what: string): Error {
  return new Error(`The engine was asked for ${what}, which its capabilities lack.`);
}
