import type { ReasoningChoices } from '../../../protocol/reasoningOptions.ts';
import { ownThinking } from '../../engine/capabilities.ts';
import { conversationMessages } from '../../prompts/chatPrompt.ts';
import { renderThoughtTokens } from '../../prompts/chatTokens.ts';
import { thoughtRequestOf } from '../../prompts/thoughtRequest.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import type { CandidateRun } from '../candidates/candidateRun.ts';
import type { Strategy, StrategyContext } from '../context/strategy.ts';
import { promptThoughtOf } from '../context/promptThought.ts';
import { discard } from './selectAnswer.ts';

/**
 * Whether a strategy goes on with a candidate of the context's prompt, opened or not. One that opened with a preamble has
 * that already; it is in the way only where there is to be none, and more is to come.
 */
export function takesProbePrefix(
  { continuesProbePrefix, promptStyle }: Pick<Strategy, 'continuesProbePrefix' | 'promptStyle'>,
  context: Pick<StrategyContext, 'promptStyle' | 'options' | 'thought' | 'model'>,
  { beginning, hasEndedInProbePrefix }: Pick<CandidateRun, 'beginning' | 'hasEndedInProbePrefix'>,
): boolean {
  const { isOpened, beginsAtFirstStep } = beginning;
  const hasPreamble = isOpened && !beginsAtFirstStep && !hasEndedInProbePrefix;
  return (
    continuesProbePrefix &&
    promptStyle === context.promptStyle &&
    !isThoughtOtherwise(context, promptStyle) &&
    !(hasPreamble && context.options.skipPreamble)
  );
}

/** Whether the options ask another thing of the model's own thought than the prompt does. */
function isThoughtOtherwise(
  { thought: { request }, options, model }: Pick<StrategyContext, 'options' | 'thought' | 'model'>,
  style: StrategyContext['promptStyle'],
): boolean {
  const wanted = thoughtRequestOf(options.think, style);
  const isOther = wanted.thinks !== request.thinks || wanted.level !== request.level;
  return isOther && ownThinking(model.info.capabilities) !== null;
}

/** What a probe prefix was written with, and goes on with. */
export function probePrefixChoices({
  options: { skipPreamble, think },
}: Pick<StrategyContext, 'options'>): ReasoningChoices {
  return { skipPreamble, think };
}

/**
 * Whether a candidate can be given up for a strategy that begins anew. It cannot where something was asked of it, or where
 * less is left than it took: then it is what answers.
 */
export function canGiveUp(
  { meter, steering }: Pick<StrategyContext, 'meter' | 'steering'>,
  first: Pick<CandidateRun, 'beginning'>,
  signal: AbortSignal,
): boolean {
  const { isOpened, isAsked, thoughtTokens, answerTokens } = first.beginning;
  if (!isOpened) return true;
  const isStopped = signal.aborted || steering.stopSignal.aborted;
  if (isStopped || isAsked || meter.isTimeShort || meter.exhausted() !== null) return false;
  return meter.unreservedTokens >= thoughtTokens + answerTokens;
}

/**
 * The context in which a strategy begins anew: with its own prompt, and after the candidate that is given up. What that
 * one wrote is booked as discarded. Its sequence is freed, so that the prompt is read from the cache as far as it is the
 * same.
 */
export async function giveUpProbePrefix(
  context: StrategyContext,
  first: CandidateRun,
  {
    strategy: { id, promptStyle },
    scope: { events, signal },
  }: { readonly strategy: Strategy; readonly scope: RunScope },
): Promise<StrategyContext> {
  const { isOpened, ...spent } = first.beginning;
  if (isOpened) {
    const why = `It was read for the difficulty; ${id} begins anew at the prompt.`;
    await events.push({ type: 'decision/made', kind: 'candidatePruned', candidateId: first.id, why });
    await events.push({ type: 'candidate/closed', candidateId: first.id, end: 'pruned', answer: null });
    discard(context, spent);
  }
  await first.dispose();
  const startedAnew = {
    ...context,
    firstCandidate: null,
    firstCandidateId: isOpened ? first.id + 1 : first.id,
  };
  const style = promptStyle === 'bySubject' ? context.promptStyle : promptStyle;
  if (style === context.promptStyle && !isThoughtOtherwise(context, style)) return startedAnew;
  const { question, fittedContext, model } = context;
  const { turns, files } = fittedContext;
  const request = thoughtRequestOf(context.options.think, style);
  const thought = promptThoughtOf(request, model.info.capabilities);
  const asked = { question, files, style, thinks: thought.markers !== null };
  const chat = { messages: conversationMessages(turns, asked), thought: request };
  const prompt = await renderThoughtTokens(model, chat, signal).catch((thrown: unknown) => {
    if (signal.aborted) return null;
    throw thrown;
  });
  // Cancelled: the strategy ends before it reads any prompt.
  if (prompt === null) return startedAnew;
  return { ...startedAnew, promptStyle: style, promptTokens: prompt.tokens, thought };
}
