import { CodedError } from '../../../protocol/codedError.ts';
import type { CandidateId } from '../../../protocol/traceEvent.ts';
import type { Sequence } from '../../engine/engine.ts';
import { conversationMessages } from '../../prompts/chatPrompt.ts';
import { renderChatTokens } from '../../prompts/chatTokens.ts';
import { type FailedProgram, repairMessages } from '../../prompts/repairPrompt.ts';
import { noThought } from '../../prompts/thoughtRequest.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import type { CandidateRun } from '../candidates/candidateRun.ts';
import type { StrategyContext } from '../context/strategy.ts';
import { limitsOf, openCandidate } from './exploration.ts';

/** A program takes at least so many. Our choice. */
const fewestTokens = 16;

interface Repair {
  readonly id: CandidateId;
  /** The candidate whose program fails. */
  readonly repairs: CandidateId;
  readonly program: FailedProgram;
}

/**
 * A candidate that writes a failed program anew, greedily, after a prompt of its own with the failure. Null where budget, time
 * or context leave no room for it, which the log then says, or where the request is to end. The caller disposes it.
 */
export async function openRepair(
  context: StrategyContext,
  { id, repairs, program }: Repair,
  { events, signal }: RunScope,
): Promise<CandidateRun | null> {
  const { question, fittedContext, promptStyle, model, meter, steering, sampler } = context;
  const ended = AbortSignal.any([signal, steering.stopSignal, meter.outOfTime]);
  const leaveOut = async (reason: string): Promise<null> => {
    const why = `No program passes, and none is repaired, because ${reason}.`;
    await events.push({ type: 'decision/made', kind: 'repairLeftOut', candidateId: repairs, why });
    return null;
  };
  if (meter.isTimeShort) return leaveOut('the time is nearly used up');
  let sequence: Sequence | null = null;
  try {
    const { turns, files } = fittedContext;
    const asked = conversationMessages(turns, {
      question,
      files,
      style: promptStyle,
      thinks: context.thought.markers !== null,
    });
    const { tokens } = await renderChatTokens(model, repairMessages(asked, program, context.written), ended);
    // A program that failed is written anew at once.
    const own = {
      ...context,
      promptTokens: tokens,
      thought: { ...context.thought, request: noThought, markers: null },
    };
    const plan = { form: 'direct', candidateCount: 1, sampler: { ...sampler, temperature: 0 } } as const;
    if (limitsOf(own, plan).answerTokens < fewestTokens)
      return await leaveOut('budget and context leave it no room');
    sequence = await model.openSequence({ ...context.sequenceOptions, shiftsContext: false }, ended);
    await sequence.append(tokens, ended);
    meter.spendPrompt(tokens.length);
    const why = `No program passes, so candidate ${id + 1} writes that of candidate ${repairs + 1} anew, with what was said against it.`;
    await events.push({ type: 'decision/made', kind: 'repairBegun', candidateId: repairs, why });
    return openCandidate(own, plan, { place: 0, id, sequence, repairs });
  } catch (thrown) {
    await sequence?.dispose();
    if (ended.aborted) return null;
    if (thrown instanceof CodedError && thrown.code === 'context.exceeded')
      return leaveOut('budget and context leave it no room');
    throw thrown;
  }
}
