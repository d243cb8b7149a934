import type { SequenceOptions, TokenId } from '../engine.ts';
import type { Generation } from './generation.ts';
import { Utf8Assembler } from './utf8Assembler.ts';

/** A prompt being put into the cache for a waiting `append`. */
export interface PrefillWork {
  readonly type: 'prefill';
  readonly callId: number;
  /** Length before the append, to which a cancelled one returns. */
  readonly lengthBefore: number;
  readonly tokenCount: number;
  readonly cachedTokenCount: number;
  readonly startedMs: number;
}

export interface GenerateWork {
  readonly type: 'generate';
  readonly callId: number;
  readonly generation: Generation;
}

export type SequenceWork = PrefillWork | GenerateWork;

/** One live sequence on the engine thread. Owned by the decode loop. */
export interface SequenceState {
  readonly id: number;
  /** llama.cpp's sequence id, whose first `decodedCount` positions hold cells. */
  readonly cellsId: number;
  readonly priority: SequenceOptions['priority'];
  readonly tokens: TokenId[];
  /** Tokens whose cells are in the cache; at least the last token always waits. */
  decodedCount: number;
  work: SequenceWork | null;
  /** Order in which the work came in. */
  workOrder: number;
  readonly text: Utf8Assembler;
}

export function createSequenceState(
  id: number,
  cellsId: number,
  priority: SequenceOptions['priority'],
): SequenceState {
  return {
    id,
    cellsId,
    priority,
    tokens: [],
    decodedCount: 0,
    work: null,
    workOrder: 0,
    text: new Utf8Assembler(),
  };
}
