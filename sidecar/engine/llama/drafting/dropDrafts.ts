import { noProposal } from '../../speculation/speculator.ts';
import type { SequenceState } from '../decoding/sequenceState.ts';

/** What a sequence is to decode in a round: tokens that wait, and those of its draft. */
export interface RoundPart {
  readonly sequence: SequenceState;
  tokens: number;
}

/**
 * Gives drafts up until what is left of the round `fits`, the longest first, so that few are lost; none where it fits as it
 * is. A sequence decodes its pending token alone then.
 */
export function dropDrafts(parts: readonly RoundPart[], fits: () => boolean): void {
  const drafted = parts.filter(({ sequence }) => sequence.draft.nodes.length > 0);
  for (const part of drafted.sort((a, b) => b.tokens - a.tokens)) {
    if (fits()) return;
    part.sequence.draft = noProposal;
    part.tokens = 1;
  }
}
