import type { SuppressedReason } from '../../protocol/health.ts';
import type { CompletionItem } from '../../protocol/messages.ts';
import { candidateText, type CandidateState } from '../../protocol/traceState.ts';
import type { CursorContext, Reach } from './cursorContext.ts';
import { finishCompletion } from './finishCompletion.ts';

/** Completions to offer, best first, or why there are none. */
export interface CompletionItems {
  readonly items: readonly CompletionItem[];
  readonly suppressed: SuppressedReason | null;
}

/**
 * What the candidates of a completion come to: the greedy one first, then the rest by mean log-probability,
 * without those that say the same. With nothing to offer, the greedy candidate's reason stands. Pure.
 */
export function completionItems(
  candidates: readonly CandidateState[],
  cursor: CursorContext,
  reach: Reach,
): CompletionItems {
  const seen = new Set<string>();
  const items: CompletionItem[] = [];
  let suppressed: SuppressedReason | null = null;
  for (const candidate of inOrder(candidates)) {
    const finished = finishCompletion(candidateText(candidate), cursor, {
      reach,
      wasTruncated: candidate.end === 'truncated',
    });
    if (finished.type === 'suppressed') {
      suppressed ??= finished.reason;
    } else if (!seen.has(finished.text)) {
      seen.add(finished.text);
      items.push({ text: finished.text, meanLogprob: meanLogprob(candidate) });
    }
  }
  return { items, suppressed: items.length > 0 ? null : (suppressed ?? 'emptyCompletion') };
}

function inOrder(candidates: readonly CandidateState[]): readonly CandidateState[] {
  const [greedy, ...alternatives] = candidates;
  if (greedy === undefined) return [];
  return [greedy, ...alternatives.toSorted((a, b) => meanLogprob(b) - meanLogprob(a))];
}

/** Natural logarithm, per token; 0 for a candidate that ended at once. */
function meanLogprob(candidate: CandidateState): number {
  const { logprobs } = candidate.tokens;
  return logprobs.length === 0 ? 0 : logprobs.reduce((sum, logprob) => sum + logprob, 0) / logprobs.length;
}
