import { rawVersion, type RawCandidate, type RawTrace } from '../../../lab/bench/reasoning/rawTrace.ts';

/** A candidate that thought `length − 1` tokens and answered in one. */
export function rawCandidate(
  answer: string | null,
  length: number,
  change: Partial<RawCandidate> = {},
): RawCandidate {
  return {
    end: 'finished',
    answer,
    isRight: answer === 'right',
    isSelected: false,
    thoughtTokens: length - 1,
    answerTokens: 1,
    text: '',
    entropyNats: [],
    logprobs: [],
    confidence: [],
    ...change,
  };
}

/** A question answered by these candidates; right when the first is. */
export function rawTrace(
  questionId: string,
  candidates: readonly RawCandidate[],
  change: Partial<RawTrace> = {},
): RawTrace {
  const thought = candidates.reduce((sum, { thoughtTokens }) => sum + thoughtTokens, 0);
  return {
    version: rawVersion,
    row: 'chainOfThought',
    revision: 'now',
    seed: 1,
    questionId,
    isRight: candidates[0]?.isRight ?? false,
    answer: candidates[0]?.answer ?? null,
    reason: 'answered',
    ledger: {
      tokens: {
        prompt: 20,
        thought,
        answer: candidates.length,
        discardedCandidate: 0,
        rejectedDraft: 0,
        verification: 0,
        trialAnswer: 0,
      },
      durationMs: 4000,
    },
    timeToFirstTokenMs: 100,
    machineMs: 2000,
    difficulty: null,
    candidates,
    ...change,
  };
}
