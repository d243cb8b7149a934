import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import type { FieldReader } from '../../validation/fieldReader.ts';
import { anyNumber, countRange, readAnswer } from './answerFields.ts';
import { messageIn, oneLine } from './serverFailure.ts';

/** A token that a server names by its text. */
export interface NamedToken {
  readonly text: string;
  readonly logprob: number | null;
  readonly top: readonly { readonly text: string; readonly logprob: number }[];
}

/** One event of `/v1/completions` or `/v1/chat/completions`. */
export interface OpenAiChunk {
  readonly modelName: string;
  /** Text of the answer; empty in an event that carries none. */
  readonly text: string;
  /** Text of a thought that the server sends apart. */
  readonly thought: string;
  /** Its tokens where the server gives probabilities; else empty. */
  readonly tokens: readonly NamedToken[];
  readonly finish: 'endToken' | 'maxTokens' | null;
  /** Tokens of the answer so far, with those that were not sent; null where the server does not say. */
  readonly tokenCount: number | null;
  /** It has no choice at all, as the last event, which has the counts alone. */
  readonly isEmpty: boolean;
}

/** Reads an event. Throws what the server says has failed, and `server.unreadable` for another form. */
export function readOpenAiChunk(address: string, value: unknown): OpenAiChunk {
  const failure = isRecord(value) && 'error' in value ? messageIn(value) : null;
  if (failure !== null) {
    throw new CodedError(
      'server.failed',
      `${address} failed while it wrote: ${oneLine(failure)}.`,
      'Look into the log of the server.',
    );
  }
  return readAnswer(address, value, (fields) => {
    const modelName = fields.string('model');
    const tokenCount =
      fields.optionalObject('usage')?.optionalNumber('completion_tokens', countRange) ?? null;
    const [choice] = fields.optionalObjects('choices') ?? [];
    if (choice === undefined)
      return { modelName, text: '', thought: '', tokens: [], finish: null, tokenCount, isEmpty: true };
    const delta = choice.optionalObject('delta');
    const logprobs = choice.optionalObject('logprobs');
    return {
      modelName,
      text: delta?.optionalString('content') ?? choice.optionalString('text') ?? '',
      // vLLM and LM Studio call it the former, Ollama and newer vLLM the latter.
      thought: delta?.optionalString('reasoning_content') ?? delta?.optionalString('reasoning') ?? '',
      tokens: logprobs === undefined ? [] : tokensIn(logprobs),
      finish: finishOf(choice.optionalString('finish_reason')),
      tokenCount,
      isEmpty: false,
    };
  });
}

/** Whether an event says why the answer ended: no text comes after it. Pure. */
export function endsAnswer(value: unknown): boolean {
  const choices = isRecord(value) && Array.isArray(value.choices) ? value.choices : [];
  return choices.some(
    (choice: unknown) =>
      isRecord(choice) && typeof choice.finish_reason === 'string' && choice.finish_reason !== '',
  );
}

/** Chat lists tokens with their alternatives; completions have lists beside each other. */
function tokensIn(logprobs: FieldReader): readonly NamedToken[] {
  const content = logprobs.optionalObjects('content');
  if (content !== undefined) return content.map(chatToken);
  const texts = logprobs.optionalStrings('tokens') ?? [];
  const tops = logprobs.optionalObjects('top_logprobs');
  return texts.map((text, at) => {
    const top = topIn(tops?.[at]);
    return { text, logprob: top.find((each) => each.text === text)?.logprob ?? null, top };
  });
}

function chatToken(token: FieldReader): NamedToken {
  return {
    text: token.string('token'),
    logprob: token.optionalNumber('logprob', anyNumber) ?? null,
    top: (token.optionalObjects('top_logprobs') ?? []).map((each) => ({
      text: each.string('token'),
      logprob: each.optionalNumber('logprob', anyNumber) ?? -Number.MAX_VALUE,
    })),
  };
}

/** An object from token to log-probability, the drawn token among them. */
function topIn(top: FieldReader | undefined): NamedToken['top'] {
  const names = top?.names() ?? [];
  return names
    .map((text) => ({ text, logprob: top?.optionalNumber(text, anyNumber) ?? -Number.MAX_VALUE }))
    .sort((a, b) => b.logprob - a.logprob);
}

/** A filter or a tool that is called ends the text just as well. Some write an empty reason where they have none yet. */
function finishOf(reason: string | undefined): OpenAiChunk['finish'] {
  if (reason === undefined || reason === '') return null;
  return reason === 'length' ? 'maxTokens' : 'endToken';
}
