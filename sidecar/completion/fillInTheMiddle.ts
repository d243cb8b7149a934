import type {
  CandidateEnd,
  CandidateId,
  SamplerSettings,
  SearchEvent,
  StopReason,
} from '../../protocol/traceEvent.ts';
import type { GenerateEnd, Sequence } from '../engine/engine.ts';
import { reportDrafts } from '../request/draftReport.ts';
import { merge } from '../request/merge.ts';
import { type PromptContext, readPrompt, stoppedBefore } from '../request/readPrompt.ts';
import { toTokenColumns } from '../request/stepColumns.ts';
import { type Cut, findCut } from './completionCut.ts';
import { type CursorContext, fromCursor, type Reach } from './cursorContext.ts';
import { finishCompletion } from './finishCompletion.ts';

/** The completion itself: what the model finds most likely. */
export const greedySampler: SamplerSettings = { temperature: 0, topK: 0, topP: 1, minP: 0 };
/** The alternatives beside it: enough chance to differ, not enough to break syntax. */
const alternativeSampler: SamplerSettings = { temperature: 0.6, topK: 0, topP: 0.95, minP: 0.05 };

export interface InfillContext extends PromptContext {
  readonly candidateCount: number;
  readonly seed: number;
  readonly cursor: CursorContext;
  readonly reach: Reach;
}

interface CandidateOutcome {
  readonly end: CandidateEnd;
  readonly text: string;
}

/**
 * Fills in the middle: one greedy candidate and, where more are asked for, sampled alternatives that share the
 * prompt's cells and decode as one batch. Each ends where the stop rules say. The greedy one is selected.
 */
export async function* fillInTheMiddle(
  context: InfillContext,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, StopReason, void> {
  const first = yield* readPrompt(context, signal);
  if (first === null) return stoppedBefore(context, signal);
  const abandonment = new AbortController();
  const ended = AbortSignal.any([signal, context.steering.stopSignal, abandonment.signal]);
  const sequences: Sequence[] = [first];
  try {
    if (context.candidateCount > 1) sequences.push(...(await first.fork(context.candidateCount - 1, ended)));
    const outcomes = new Map<CandidateId, CandidateOutcome>();
    const runs = sequences.map((sequence, id) => runCandidate(context, { sequence, id }, ended));
    for await (const item of merge(runs, () => {
      abandonment.abort();
    })) {
      if (item.type === 'value') yield item.value;
      else outcomes.set(item.source, item.result);
    }
    if (ended.aborted) return stoppedBefore(context, signal);
    yield selectGreedy(context, outcomes.get(0));
    return 'answered';
  } finally {
    await Promise.all(sequences.map((sequence) => sequence.dispose()));
  }
}

async function* runCandidate(
  context: InfillContext,
  candidate: { readonly sequence: Sequence; readonly id: CandidateId },
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, CandidateOutcome, void> {
  const { meter, seed, cursor, reach } = context;
  const { sequence, id: candidateId } = candidate;
  const sampler = candidateId === 0 ? greedySampler : alternativeSampler;
  yield { type: 'candidate/opened', candidateId, parent: null, sampler };
  const grant = meter.reserve(meter.budget.answerTokensPerCandidate);
  const cutting = new AbortController();
  let text = '';
  let cut: Cut | null = null;
  try {
    const steps = sequence.generate(
      {
        sampler,
        seed: (seed + candidateId) >>> 0,
        maxTokens: grant.remaining,
        softLimit: null,
        stopTexts: [],
        alternatives: reportedAlternatives,
        ...(cursor.mustRegenerate && { mustBeginWith: cursor.regenerated }),
      },
      AbortSignal.any([signal, cutting.signal]),
    );
    for (;;) {
      const step = await steps.next();
      if (step.done === true) {
        yield* reportDrafts(step.value, meter);
        const end = candidateEnd(step.value.end, cut);
        const { unwrittenStart } = step.value;
        if (unwrittenStart !== undefined) {
          const why = `No token of the model goes on with ${JSON.stringify(unwrittenStart)}, which is before the cursor.`;
          yield { type: 'decision/made', kind: 'startNotWritten', candidateId, why };
        }
        if (cut !== null) {
          yield { type: 'decision/made', kind: 'completionTrimmed', candidateId, why: reasonText(cut) };
        }
        yield { type: 'candidate/closed', candidateId, end, answer: null };
        return { end, text };
      }
      if (step.value.length === 0) continue;
      grant.spend('answer', step.value.length);
      yield { type: 'tokens/appended', candidateId, purpose: 'answer', tokens: toTokenColumns(step.value) };
      text += step.value.map((token) => token.text).join('');
      cut ??= findCut(fromCursor(text, cursor), cursor, reach);
      // What was decoded already still arrives and is booked; nothing further is decoded.
      if (cut !== null) cutting.abort();
    }
  } finally {
    grant.release();
  }
}

/** The greedy candidate is the one that counts; an empty text says that it came to nothing to insert. */
function selectGreedy({ cursor, reach }: InfillContext, greedy: CandidateOutcome | undefined): SearchEvent {
  const finished = finishCompletion(greedy?.text ?? '', cursor, {
    reach,
    wasTruncated: greedy?.end === 'truncated',
  });
  const text = finished.type === 'text' ? finished.text : '';
  return { type: 'answer/selected', candidateId: 0, answer: null, text };
}

/** Most likely tokens kept with each token of a completion, for the panel's tooltip. */
const reportedAlternatives = 5;

function candidateEnd(end: GenerateEnd, cut: Cut | null): CandidateEnd {
  if (cut !== null) return 'finished';
  switch (end.type) {
    case 'cancelled':
      return 'stopped';
    case 'maxTokens':
    case 'contextFull':
    case 'softLimit':
      return 'truncated';
    case 'endToken':
    case 'stopText':
      return 'finished';
  }
}

function reasonText(cut: Cut): string {
  switch (cut.reason) {
    case 'lineEnd':
      return 'One line was wanted, and it has ended.';
    case 'scopeEnd':
      return 'The next line leaves the block that the cursor is in.';
    case 'repeatedSuffix':
      return 'The next line repeats what already follows the cursor.';
    case 'repetition':
      return 'The same line came three times in a row.';
  }
}
