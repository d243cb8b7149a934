import type {
  CandidateEnd,
  CandidateId,
  DecisionKind,
  SamplerSettings,
  SearchEvent,
  StopReason,
} from '../../protocol/traceEvent.ts';
import type { GenerateEnd, Sequence } from '../engine/engine.ts';
import { reportDrafts } from '../request/draftReport.ts';
import type { RunScope } from '../request/eventChannel.ts';
import { type PromptContext, readPrompt, stoppedBefore } from '../request/readPrompt.ts';
import { reportServers, serverEvents } from '../request/serverReport.ts';
import { toTokenColumns } from '../request/stepColumns.ts';
import { together } from '../request/together.ts';
import type { Cut } from './blockCut.ts';
import { findCut } from './completionCut.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { fromCursor } from './cursorContext.ts';
import { inDocumentIndent } from './indentation.ts';
import { finishCompletion } from './finishCompletion.ts';

/** The completion itself: what the model finds most likely. */
export const greedySampler: SamplerSettings = { temperature: 0, topK: 0, topP: 1, minP: 0 };
/** The alternatives beside it: enough chance to differ, not enough to break syntax. */
const alternativeSampler: SamplerSettings = { temperature: 0.6, topK: 0, topP: 0.95, minP: 0.05 };

export interface InfillContext extends PromptContext {
  readonly candidateCount: number;
  readonly seed: number;
  readonly place: CompletionPlace;
}

interface CandidateOutcome {
  readonly end: CandidateEnd;
  readonly text: string;
}

/**
 * Fills in the middle: one greedy candidate and, where more are asked for, sampled alternatives that share the
 * prompt's cells and decode as one batch. Each ends where the stop rules say. The greedy one is selected.
 */
export async function fillInTheMiddle(context: InfillContext, scope: RunScope): Promise<StopReason> {
  const { events, signal } = scope;
  for (const event of serverEvents(context.model.info)) await events.push(event);
  const first = await readPrompt(context, scope);
  if (first === null) return stoppedBefore(context, signal);
  const ended = AbortSignal.any([signal, context.steering.stopSignal]);
  const sequences: Sequence[] = [first];
  try {
    if (context.candidateCount > 1) sequences.push(...(await first.fork(context.candidateCount - 1, ended)));
    const [greedy] = await together(
      sequences.map((sequence, id) => ({ sequence, id })),
      (candidate, candidateScope: RunScope) => runCandidate(context, candidate, candidateScope),
      { takeEvent: (event) => events.push(event) },
      ended,
    );
    if (ended.aborted) return stoppedBefore(context, signal);
    await events.push(selectGreedy(context, greedy));
    return 'answered';
  } finally {
    await Promise.all(sequences.map((sequence) => sequence.dispose()));
  }
}

async function runCandidate(
  context: InfillContext,
  candidate: { readonly sequence: Sequence; readonly id: CandidateId },
  { events, signal }: RunScope,
): Promise<CandidateOutcome> {
  const { meter, seed, place } = context;
  const { sequence, id: candidateId } = candidate;
  const sampler = candidateId === 0 ? greedySampler : alternativeSampler;
  await events.push({ type: 'candidate/opened', candidateId, parent: null, sampler });
  const grant = meter.reserve(meter.budget.answerTokensPerCandidate);
  const cutting = new AbortController();
  let text = '';
  let cut: Cut | null = null;
  let isOutOfTime = false;
  try {
    const steps = sequence.generate(
      {
        sampler,
        seed: (seed + candidateId) >>> 0,
        maxTokens: grant.remaining,
        softLimit: null,
        stopTexts: [],
        alternatives: reportedAlternatives,
        ...(place.cursor.mustRegenerate && { mustBeginWith: place.cursor.regenerated }),
      },
      AbortSignal.any([signal, cutting.signal]),
    );
    for (;;) {
      const step = await steps.next();
      if (step.done === true) {
        await reportDrafts(step.value, meter, events);
        await reportServers(step.value, { candidateId, writer: null }, events);
        const end = isOutOfTime ? 'truncated' : candidateEnd(step.value.end, cut);
        const { unwrittenStart } = step.value;
        for (const [kind, why] of whyEnded({ cut, isOutOfTime, unwrittenStart })) {
          await events.push({ type: 'decision/made', kind, candidateId, why });
        }
        await events.push({ type: 'candidate/closed', candidateId, end, answer: null });
        return { end, text };
      }
      if (step.value.length === 0) continue;
      grant.spend('answer', step.value.length);
      const tokens = toTokenColumns(step.value);
      await events.push({ type: 'tokens/appended', candidateId, purpose: 'answer', tokens });
      text += step.value.map((token) => token.text).join('');
      cut ??= isOutOfTime
        ? null
        : findCut(inDocumentIndent(fromCursor(text, place.cursor), place).text, place);
      // What was decoded already still arrives and is booked; nothing further is decoded.
      isOutOfTime ||= cut === null && meter.exhausted() === 'durationMs' && hasWholeLine(text, place);
      if (cut !== null || isOutOfTime) cutting.abort();
    }
  } finally {
    grant.release();
  }
}

/** Decisions about the end of a candidate, in words. */
function whyEnded({
  cut,
  isOutOfTime,
  unwrittenStart,
}: {
  readonly cut: Cut | null;
  readonly isOutOfTime: boolean;
  readonly unwrittenStart: string | undefined;
}): readonly (readonly [DecisionKind, string])[] {
  const reasons: [DecisionKind, string][] = [];
  if (unwrittenStart !== undefined) {
    const start = JSON.stringify(unwrittenStart);
    reasons.push([
      'startNotWritten',
      `No token of the model goes on with ${start}, which is before the cursor.`,
    ]);
  }
  if (cut !== null) reasons.push(['completionTrimmed', reasonText(cut)]);
  if (isOutOfTime)
    reasons.push(['budgetExhausted', 'The time is over, so the text ends with the last whole line.']);
  return reasons;
}

/** Whether a line that says something has ended. */
function hasWholeLine(text: string, { cursor }: CompletionPlace): boolean {
  return fromCursor(text, cursor).trimStart().includes('\n');
}

/** The greedy candidate is the one that counts; an empty text says that there is nothing to insert. */
function selectGreedy({ place }: InfillContext, greedy: CandidateOutcome | undefined): SearchEvent {
  const finished = finishCompletion(greedy?.text ?? '', place, {
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
    case 'lineMended':
      return 'The line that lacked something at the cursor is whole with it.';
    case 'scopeEnd':
      return 'The text leaves the block that the cursor is in.';
    case 'repeatedSuffix':
      return 'The next line repeats what already follows the cursor.';
    case 'repetition':
      return 'The same lines came three times in a row.';
  }
}
