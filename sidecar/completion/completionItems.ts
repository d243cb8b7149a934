import type { SuppressedReason } from '../../protocol/health.ts';
import type { CompletionItem } from '../../protocol/messages.ts';
import { candidateText, type CandidateState } from '../../protocol/traceState.ts';
import { mean } from '../numeric/mean.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { finishCompletion } from './finishCompletion.ts';

/** Completions to offer, best first, or why there are none. */
export interface CompletionItems {
  readonly items: readonly CompletionItem[];
  readonly suppressed: SuppressedReason | null;
}

/**
 * What the candidates of a completion come to: the greedy one first, then the rest by mean log-probability,
 * without those that say the same. With nothing to offer, the greedy candidate's reason counts. Pure.
 */
export function completionItems(
  candidates: readonly CandidateState[],
  place: CompletionPlace,
): CompletionItems {
  const [greedy, ...alternatives] = candidates.map((candidate) => finish(candidate, place));
  if (greedy === undefined) return { items: [], suppressed: 'emptyCompletion' };
  const ranked = [greedy, ...alternatives.toSorted(byLikelihood)];
  const items = new Map<string, CompletionItem>();
  for (const { item } of ranked) {
    if (item === null) continue;
    const accepted = item.text + place.cursor.after.slice(item.replacedLength);
    if (!items.has(accepted)) items.set(accepted, item);
  }
  const reason = ranked.find(({ suppressed }) => suppressed !== null)?.suppressed ?? null;
  return { items: [...items.values()], suppressed: items.size > 0 ? null : reason };
}

/** The outcome of a candidate: one of the two is null. */
interface Finished {
  readonly item: CompletionItem | null;
  readonly suppressed: SuppressedReason | null;
}

function finish(candidate: CandidateState, place: CompletionPlace): Finished {
  const finished = finishCompletion(candidateText(candidate), place, {
    wasTruncated: candidate.end === 'truncated',
  });
  if (finished.type === 'suppressed') return { item: null, suppressed: finished.reason };
  const { text, replacedLength, generatedLength } = finished;
  const item = { text, replacedLength, meanLogprob: meanLogprob(candidate, generatedLength) };
  return { item, suppressed: null };
}

function byLikelihood(a: Finished, b: Finished): number {
  return likelihood(b) - likelihood(a);
}

function likelihood({ item }: Finished): number {
  return item?.meanLogprob ?? -Number.MAX_VALUE;
}

/**
 * Natural logarithm, per token, over the tokens that begin within the first `length` characters. Tokens that the text had
 * to begin with say nothing of it and are left out, unless there are no others.
 */
function meanLogprob({ tokens }: CandidateState, length: number): number {
  let last = 0;
  let offset = 0;
  const own: number[] = [];
  for (const [index, logprob] of tokens.logprobs.entries()) {
    if (offset >= length) break;
    if (tokens.sources[index] !== 'required') own.push(logprob);
    last = logprob;
    offset += tokens.texts[index]?.length ?? 0;
  }
  return own.length === 0 ? last : mean(own);
}
