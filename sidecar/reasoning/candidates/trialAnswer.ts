import { CodedError } from '../../../protocol/codedError.ts';
import type { CandidateId } from '../../../protocol/traceEvent.ts';
import type { Model, Sequence, TokenStep } from '../../engine/engine.ts';
import { mean } from '../../numeric/mean.ts';
import type { BudgetMeter } from '../../request/budgetMeter.ts';
import { reportDrafts } from '../../request/draftReport.ts';
import { reportServers } from '../../request/serverReport.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import { isWholeAnswer, parseAnswer } from '../answers/answerExtraction.ts';
import type { Cue } from './thoughtForm.ts';

/** Generated tokens of one trial at most (arXiv 2504.15895). */
export const mostTrialTokens = 20;

/** What a thought would answer if it ended here. */
export interface TrialAnswer {
  /** Canonical, or null when none could be parsed or the trial came to no end: then it has no say. */
  readonly answer: string | null;
  /** See `trialConfidence`. */
  readonly confidence: number;
  readonly tokenCount: number;
}

/** Whether a thought may end with it: there is an answer, and the model is at least this sure of it. */
export function isTrusted(trial: TrialAnswer | null, trialConfidence: number): boolean {
  return trial !== null && trial.answer !== null && trial.confidence >= trialConfidence;
}

interface TrialOptions {
  readonly candidateId: CandidateId;
  readonly model: Model;
  readonly meter: BudgetMeter;
  readonly seed: number;
  /** Most tokens of the candidate's own answer; a trial takes no more. */
  readonly answerTokens: number;
  /** Close the thought and ask for the answer. */
  readonly cues: readonly Cue[];
}

/**
 * Forks a thought that stands at the end of a sentence, asks the fork for its answer, greedily, and lets it go again
 * (DEER, arXiv 2504.15895). The thought itself is left as it was. Booked as `trialAnswer`. Null where budget or context
 * has no room for it, or it was aborted.
 */
export async function tryAnswer(
  thought: Sequence,
  { candidateId, model, meter, seed, answerTokens, cues }: TrialOptions,
  { events, signal }: RunScope,
): Promise<TrialAnswer | null> {
  const grant = meter.reserve(Math.min(mostTrialTokens, answerTokens));
  let fork: Sequence | null = null;
  try {
    if (grant.remaining === 0 || signal.aborted) return null;
    [fork = null] = await thought.fork(1, signal);
    if (fork === null) return null;
    const parts = await Promise.all(
      cues.map(({ text, isControl }) => model.tokenize(text, { special: isControl }, signal)),
    );
    const tokens = parts.flat();
    await fork.append(tokens, signal);
    meter.spendPrompt(tokens.length);
    const steps: TokenStep[] = [];
    const stream = fork.generate(
      {
        sampler: { temperature: 0, topK: 0, topP: 1, minP: 0 },
        seed,
        maxTokens: grant.remaining,
        softLimit: null,
        stopTexts: ['\n'],
        alternatives: 0,
      },
      signal,
    );
    for (;;) {
      const step = await stream.next();
      if (step.done !== true) {
        grant.spend('trialAnswer', step.value.length);
        steps.push(...step.value);
        continue;
      }
      await reportDrafts(step.value, meter, events);
      await reportServers(step.value, { candidateId: null, writer: null }, events);
      const { end } = step.value;
      if (end.type === 'cancelled') return null;
      const text = steps.map((token) => token.text).join('');
      const isWhole = (end.type === 'stopText' || end.type === 'endToken') && isWholeAnswer(text);
      const answer = isWhole ? (parseAnswer(text)?.canonical ?? null) : null;
      const trial = { answer, confidence: trialConfidence(steps), tokenCount: steps.length };
      await events.push({ type: 'trial/answered', candidateId, ...trial });
      return trial;
    }
  } catch (thrown) {
    const isExpected = signal.aborted || (thrown instanceof CodedError && thrown.code === 'context.exceeded');
    if (isExpected) return null;
    throw thrown;
  } finally {
    grant.release();
    await fork?.dispose();
  }
}

/**
 * Geometric mean of the probabilities of an answer's tokens, 0…1. Without the first, which any answer may begin with
 * (arXiv 2504.15895), unless it is all there is, and without the white space that ends the line. 0 without any.
 */
export function trialConfidence(steps: readonly Pick<TokenStep, 'text' | 'logprob'>[]): number {
  const end = steps.findLastIndex(({ text }) => text.trim() !== '') + 1;
  const counted = steps.slice(end > 1 ? 1 : 0, end);
  if (counted.length === 0) return 0;
  return Math.exp(mean(counted.map(({ logprob }) => logprob)));
}
