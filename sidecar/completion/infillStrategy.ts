import type { CandidateEnd, CandidateId, SearchEvent, StopReason } from '../../protocol/traceEvent.ts';
import type { GenerateEnd, Sequence } from '../engine/engine.ts';
import { merge } from '../strategies/merge.ts';
import { toTokenColumns } from '../strategies/stepColumns.ts';
import type { Strategy, StrategyContext } from '../strategies/strategy.ts';
import { findCut, type Cut } from './completionCut.ts';
import type { CursorContext, Reach } from './cursorContext.ts';
import { finishCompletion } from './finishCompletion.ts';

/** Sampler of the alternatives beside the greedy completion: enough to differ, not enough to break syntax. */
const alternativeSampler = { temperature: 0.6, topK: 0, topP: 0.95, minP: 0.05 };

interface CandidateOutcome {
  readonly end: CandidateEnd;
  readonly text: string;
}

/**
 * Fills in the middle: one greedy candidate and, where more are asked for, sampled alternatives that share the
 * prompt's cells and decode as one batch. Each ends where the stop rules say. The greedy one is selected.
 */
export class InfillStrategy implements Strategy {
  readonly id = 'direct';
  readonly #cursor: CursorContext;
  readonly #reach: Reach;

  constructor(cursor: CursorContext, reach: Reach) {
    this.#cursor = cursor;
    this.#reach = reach;
  }

  async *run(context: StrategyContext, signal: AbortSignal): AsyncGenerator<SearchEvent, StopReason, void> {
    const abandonment = new AbortController();
    const ends = AbortSignal.any([signal, context.steering.stopSignal, abandonment.signal]);
    const sequences: Sequence[] = [];
    try {
      const first = await context.model.openSequence({ priority: 'interactive' }, ends);
      sequences.push(first);
      const prefill = await first.append(context.promptTokens, ends);
      context.meter.spendPrompt(prefill.tokenCount);
      yield { type: 'prefill/finished', ...prefill };
      sequences.push(...(await first.fork(context.candidateCount - 1, ends)));
      const outcomes = new Map<CandidateId, CandidateOutcome>();
      const runs = sequences.map((sequence, id) => this.#runCandidate({ sequence, id, context }, ends));
      for await (const item of merge(runs, () => {
        abandonment.abort();
      })) {
        if (item.type === 'value') yield item.value;
        else outcomes.set(item.source, item.result);
      }
      if (ends.aborted) return stopReason(signal);
      yield this.#select(outcomes.get(0));
      return 'answered';
    } catch (thrown) {
      if (ends.aborted) return stopReason(signal);
      throw thrown;
    } finally {
      await Promise.all(sequences.map((sequence) => sequence.dispose()));
    }
  }

  async *#runCandidate(
    candidate: { readonly sequence: Sequence; readonly id: CandidateId; readonly context: StrategyContext },
    signal: AbortSignal,
  ): AsyncGenerator<SearchEvent, CandidateOutcome, void> {
    const { sequence, id: candidateId, context } = candidate;
    const sampler = candidateId === 0 ? context.sampler : alternativeSampler;
    yield { type: 'candidate/opened', candidateId, parent: null, sampler };
    const grant = context.meter.reserve(context.meter.budget.answerTokensPerCandidate);
    const cutting = new AbortController();
    let text = '';
    let cut: Cut | null = null;
    try {
      const steps = sequence.generate(
        {
          sampler,
          seed: (context.seed + candidateId) >>> 0,
          maxTokens: grant.remaining,
          softLimit: null,
          stopTexts: [],
          alternatives: reportedAlternatives,
        },
        AbortSignal.any([signal, cutting.signal]),
      );
      for (;;) {
        const step = await steps.next();
        if (step.done === true) {
          const end = candidateEnd(step.value, cut);
          if (cut !== null) {
            yield { type: 'decision/made', kind: 'completionTrimmed', candidateId, why: reasonText(cut) };
          }
          yield { type: 'candidate/closed', candidateId, end, answer: null };
          return { end, text };
        }
        grant.spend('answer', step.value.length);
        yield { type: 'tokens/appended', candidateId, purpose: 'answer', tokens: toTokenColumns(step.value) };
        text += step.value.map((token) => token.text).join('');
        cut ??= findCut(text, this.#cursor, this.#reach);
        // What was decoded already still arrives and is booked; nothing further is decoded.
        if (cut !== null) cutting.abort();
      }
    } finally {
      grant.release();
    }
  }

  /** The greedy candidate is the one that counts; an empty text says that it came to nothing to insert. */
  #select(greedy: CandidateOutcome | undefined): SearchEvent {
    const finished = finishCompletion(greedy?.text ?? '', this.#cursor, {
      reach: this.#reach,
      wasTruncated: greedy?.end === 'truncated',
    });
    const text = finished.type === 'text' ? finished.text : '';
    return { type: 'answer/selected', candidateId: 0, answer: null, text };
  }
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
      return 'The next line leaves the block that the cursor stands in.';
    case 'repeatedSuffix':
      return 'The next line repeats what already stands behind the cursor.';
    case 'repetition':
      return 'The same line came three times in a row.';
  }
}

function stopReason(signal: AbortSignal): StopReason {
  return signal.aborted ? 'cancelled' : 'stoppedByUser';
}
