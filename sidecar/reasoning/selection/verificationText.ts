import type { Constraint } from '../../engine/capabilities.ts';
import type { GenerateRequest, TokenStep } from '../../engine/engine.ts';
import { CodedError } from '../../../protocol/codedError.ts';
import type { Alternative } from '../../../protocol/traceEvent.ts';
import type { ChatMessage, Sequence } from '../../engine/engine.ts';
import { renderChatTokens } from '../../prompts/chatTokens.ts';
import { reportDrafts } from '../../request/draftReport.ts';
import { reportServers } from '../../request/serverReport.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import type { SelectionContext } from './selector.ts';

/** A grammar in GBNF, or a list of texts. */
type VerificationConstraint =
  Required<Pick<GenerateRequest, 'grammar'>> | Required<Pick<GenerateRequest, 'choices'>>;

/** What a text that judges candidates may be. */
export interface VerificationRules {
  /** Left out where the engine does not take it: then the text may be any. */
  readonly constraint: VerificationConstraint;
  readonly maxTokens: number;
  /** Most likely tokens to report of the first one, 0…20. */
  readonly alternatives: number;
}

/** `text` is whole only where `stopped` is null; else it says what kept it from its end, as a clause. */
export interface VerificationText {
  readonly text: string;
  readonly tokenCount: number;
  /** Alternatives of the first token, best first. */
  readonly firstAlternatives: readonly Alternative[];
  readonly stopped: string | null;
}

/**
 * Lets the model write about candidates, greedily, in a sequence of its own, or in a fork of `host` where one is held.
 * Books what it reads as prompt and what it writes as verification, never more than the budget has left, reports its drafts
 * as those of candidates, and ends within a decode step when stopped, cancelled or out of time. Throws what the engine fails
 * with.
 */
export async function writeVerification(
  { model, seed, sequenceOptions, meter, steering }: SelectionContext,
  messages: readonly ChatMessage[],
  {
    rules,
    host,
    scope: { events, signal },
  }: { readonly rules: VerificationRules; readonly host?: Sequence; readonly scope: RunScope },
): Promise<VerificationText> {
  const outOfTime = new AbortController();
  const ended = AbortSignal.any([signal, steering.stopSignal, meter.outOfTime, outOfTime.signal]);
  const isStopped = (): boolean => ended.aborted;
  const whyStopped = (): string =>
    signal.aborted || steering.stopSignal.aborted ? 'the request was stopped' : 'its time was used up';
  let written = nothingWritten;
  const stop = (stopped: string | null): VerificationText => ({ ...written, stopped });
  if (isStopped()) return stop(whyStopped());
  if (meter.exhausted() === 'durationMs') return stop('its time was used up');
  const grant = meter.reserve(rules.maxTokens);
  try {
    if (grant.remaining === 0) return stop('its budget was used up');
    const { tokens } = await renderChatTokens(model, messages, ended);
    const sequence =
      host === undefined
        ? await model.openSequence({ ...sequenceOptions, shiftsContext: false }, ended)
        : await emptyFork(host, ended);
    try {
      await sequence.append(tokens, ended);
      meter.spendPrompt(tokens.length);
      const stream = sequence.generate(
        greedyRequest(rules, { seed, maxTokens: grant.remaining, takes: model.info.capabilities.constraint }),
        ended,
      );
      let step = await stream.next();
      for (; step.done !== true; step = await stream.next()) {
        written = withTokens(written, step.value);
        grant.spend('verification', step.value.length);
        if (meter.exhausted() === 'durationMs') outOfTime.abort();
      }
      await reportDrafts(step.value, meter, events);
      await reportServers(step.value, { candidateId: null, writer: null }, events);
      const { end } = step.value;
      if (end.type === 'endToken') return stop(null);
      return stop(end.type === 'cancelled' ? whyStopped() : 'it did not end within its tokens');
    } finally {
      await sequence.dispose();
    }
  } catch (thrown) {
    if (isStopped()) return stop(whyStopped());
    if (thrown instanceof CodedError && thrown.code === 'context.exceeded')
      return stop('the context has no room for it');
    throw thrown;
  } finally {
    grant.release();
  }
}

type WrittenText = Omit<VerificationText, 'stopped'>;

const nothingWritten: WrittenText = { text: '', tokenCount: 0, firstAlternatives: [] };

function withTokens(written: WrittenText, tokens: readonly TokenStep[]): WrittenText {
  const isFirst = written.tokenCount === 0;
  return {
    text: written.text + tokens.map((token) => token.text).join(''),
    tokenCount: written.tokenCount + tokens.length,
    firstAlternatives: isFirst ? (tokens[0]?.alternatives ?? []) : written.firstAlternatives,
  };
}

function greedyRequest(
  { constraint, alternatives }: VerificationRules,
  {
    seed,
    maxTokens,
    takes,
  }: { readonly seed: number; readonly maxTokens: number; readonly takes: Constraint },
): GenerateRequest {
  const sampler = { temperature: 0, topK: 0, topP: 1, minP: 0 };
  const isTaken = takes === 'grammar' || (takes === 'choice' && 'choices' in constraint);
  return {
    sampler,
    seed,
    maxTokens,
    softLimit: null,
    stopTexts: [],
    alternatives,
    ...(isTaken && constraint),
  };
}

/** Takes no place of a sequence that is opened. */
async function emptyFork(host: Sequence, signal: AbortSignal): Promise<Sequence> {
  const [sequence] = await host.fork(1, signal);
  if (sequence === undefined) throw new Error('A fork of one sequence gave none.');
  await sequence.truncate(0);
  return sequence;
}
