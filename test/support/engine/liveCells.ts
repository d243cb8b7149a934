import { KvCache } from '../../../sidecar/engine/llama/cache/kvCache.ts';
import { commonPrefixLength } from '../../../sidecar/numeric/commonPrefixLength.ts';
import { BatchJoinWindow } from '../../../sidecar/engine/llama/decoding/batchJoinWindow.ts';
import { SequenceCells } from '../../../sidecar/engine/llama/decoding/sequenceCells.ts';
import {
  createSequenceState,
  type SequenceState,
} from '../../../sidecar/engine/llama/decoding/sequenceState.ts';
import { WorkAnswers } from '../../../sidecar/engine/llama/decoding/workAnswers.ts';
import { NativeCells } from './nativeCells.ts';

/** Live sequences with the engine's own cache and answers, over cells that no model fills. */
export class LiveCells {
  readonly native = new NativeCells();
  readonly cache: KvCache;
  readonly cells: SequenceCells;
  readonly answers: WorkAnswers;
  /** How work was answered, by sequence id: `prefilled`, or the code of an error. */
  readonly answered = new Map<number, string>();
  readonly #sequences: SequenceState[] = [];

  constructor(contextTokens: number, hostBytes = 0) {
    const now = (): number => 0;
    this.cache = new KvCache(this.native, null, {
      contextTokens,
      hostBytes,
      hasQuantizedKeys: false,
      files: null,
      now,
    });
    this.cells = new SequenceCells(this.cache);
    this.answers = new WorkAnswers({
      cache: this.cache,
      cells: this.cells,
      owners: new BatchJoinWindow(now),
      events: {
        prefilled: (callId) => this.answered.set(callId, 'prefilled'),
        failed: (callId, { code }) => this.answered.set(callId, code),
        stepped: () => undefined,
        ended: () => undefined,
      },
      now,
    });
  }

  readonly live = (): readonly SequenceState[] => this.#sequences;

  readonly working = (): readonly SequenceState[] => this.#sequences.filter(({ work }) => work !== null);

  /** A sequence whose tokens are decoded but for the last, in cells that it shares with `from` as far as both agree. */
  open(
    tokens: readonly number[],
    options: { readonly priority?: SequenceState['priority']; readonly from?: SequenceState } = {},
  ): SequenceState {
    const { priority = 'background', from } = options;
    const cellsId = this.cache.take();
    if (cellsId === null) throw new Error('No id is free.');
    const sequence = createSequenceState(this.#sequences.length, cellsId, {
      priority,
      isReproducible: false,
      shiftsContext: false,
      requestClass: 'chat',
      speculator: null,
    });
    sequence.tokens = [...tokens];
    if (from !== undefined) {
      sequence.decodedCount = Math.min(commonPrefixLength(tokens, from.tokens), from.decodedCount);
      this.cache.share(from.cellsId, cellsId, sequence.decodedCount);
    }
    this.decode(sequence, tokens.length - 1 - sequence.decodedCount);
    this.#sequences.push(sequence);
    return sequence;
  }

  /** The same with a prompt running on it, which began with its first token. */
  openWorking(...[tokens, options]: Parameters<LiveCells['open']>): SequenceState {
    const sequence = this.open(tokens, options);
    sequence.work = {
      type: 'prefill',
      callId: sequence.id,
      lengthBefore: 0,
      tokenCount: tokens.length,
      cachedTokenCount: 0,
      startedMs: 0,
    };
    return sequence;
  }

  /** Decodes the next tokens of a sequence. */
  decode(sequence: SequenceState, count: number): void {
    const { tokens, decodedCount, cellsId } = sequence;
    for (const [i, token] of tokens.slice(decodedCount, decodedCount + count).entries()) {
      this.native.fill(token, decodedCount + i, [cellsId]);
    }
    this.cache.extend(cellsId, count);
    sequence.decodedCount += count;
  }
}

/** Tokens that no run of another seed has, up to 1,000. */
export function idRun(seed: number, length: number): readonly number[] {
  return Array.from({ length }, (_, i) => seed * 1000 + i);
}
