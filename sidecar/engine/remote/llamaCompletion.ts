import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import type { Alternative } from '../../../protocol/traceEvent.ts';
import type { FieldReader } from '../../validation/fieldReader.ts';
import type { TokenId } from '../engine.ts';
import { anyNumber, countRange, readAnswer, readCounts } from './answerFields.ts';
import { closedEarly, messageIn, oneLine, unreadable } from './serverFailure.ts';

/** One event of llama-server's `/completion`. */
export type CompletionEvent =
  | {
      readonly type: 'token';
      readonly text: string;
      readonly id: TokenId;
      /** Number of this token within the answer, from 1. */
      readonly number: number;
      readonly logprob: number | null;
      readonly top: readonly Alternative[];
    }
  | {
      readonly type: 'end';
      readonly reason: 'endToken' | 'limit';
      /** The context ended before the limit of tokens. */
      readonly isContextFull: boolean;
      /** Tokens of the whole answer. */
      readonly count: number;
      readonly modelName: string;
    };

/** Reads an event. Throws what the server says has failed, and `server.unreadable` for another form. */
export function readCompletionEvent(address: string, value: unknown): CompletionEvent {
  throwFailureIn(address, value);
  return readAnswer(address, value, (fields) => {
    const count = fields.number('tokens_predicted', countRange);
    if (fields.boolean('stop')) {
      return {
        type: 'end',
        reason: fields.string('stop_type') === 'eos' ? 'endToken' : 'limit',
        isContextFull: fields.optionalBoolean('truncated') === true,
        count,
        modelName: fields.string('model'),
      };
    }
    const tokens = isRecord(value) ? value.tokens : null;
    const id = readCounts(address, tokens, 'answer.tokens').at(-1);
    if (id === undefined) throw unreadable(address, 'sent a text without its token');
    const [probabilities] = fields.optionalObjects('completion_probabilities') ?? [];
    return {
      type: 'token',
      text: fields.string('content'),
      id,
      number: count,
      logprob: probabilities?.number('logprob', anyNumber) ?? null,
      top: probabilities?.objects('top_logprobs').map(readAlternative) ?? [],
    };
  });
}

/** What came since the last event, by the numbers of its tokens. */
export type Gap = 'none' | 'repeated' | 'heldBack';

/**
 * How an event follows on the token with the number `before`. A server keeps tokens to itself that end within a character,
 * and the next event has the whole character: any other gap is a part of the text that is lost. Throws
 * `server.closedEarly` for that, since the text is not the whole. Pure.
 */
export function gapBefore(address: string, event: CompletionEvent, before: number): Gap {
  if (event.type === 'end') {
    const missing = event.count - before;
    // Its own token, or the beginning of a character that the limit cut.
    if (missing > (event.reason === 'endToken' ? 1 : 3)) throw closedEarly(address);
    return 'none';
  }
  if (event.number <= before) return 'repeated';
  const missing = event.number - before - 1;
  if (missing === 0) return 'none';
  if (missing > mostHeldBack(event.text)) throw closedEarly(address);
  return 'heldBack';
}

/** Most tokens that end within the characters of a text: each ends after a byte of its own. */
function mostHeldBack(text: string): number {
  return Array.from(text).reduce((sum, character) => {
    // In place of up to three bytes that are not a character.
    if (character === '\ufffd') return sum + 3;
    return sum + Buffer.byteLength(character) - 1;
  }, 0);
}

function readAlternative(fields: FieldReader): Alternative {
  return {
    id: fields.number('id', countRange),
    text: fields.string('token'),
    // JSON has no infinity: what cannot be drawn comes as null or as the smallest number there is.
    logprob: fields.optionalNumber('logprob', anyNumber) ?? -Number.MAX_VALUE,
  };
}

/** Throws what an event of failure says. */
function throwFailureIn(address: string, value: unknown): void {
  if (!isRecord(value) || !('error' in value)) return;
  const words = oneLine(messageIn(value) ?? 'it does not say why');
  throw new CodedError(
    'server.failed',
    `${address} failed while it wrote: ${words}.`,
    'Look into the log of the server.',
  );
}
