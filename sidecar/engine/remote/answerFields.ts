import { CodedError } from '../../../protocol/codedError.ts';
import { FieldReader, type NumberRange } from '../../validation/fieldReader.ts';
import { unreadable } from './serverFailure.ts';

/** A count in a server's answer. */
export const countRange: NumberRange = { min: 0, max: Number.MAX_SAFE_INTEGER, whole: true };
/** A number of any kind in a server's answer. */
export const anyNumber: NumberRange = { min: -Number.MAX_VALUE, max: Number.MAX_VALUE };

/**
 * Reads an answer of a server. A member that is missing or of another kind becomes `server.unreadable`, named by its place,
 * such as `answer.choices`.
 */
export function readAnswer<T>(address: string, value: unknown, read: (fields: FieldReader) => T): T {
  try {
    return read(new FieldReader(value, 'answer'));
  } catch (thrown) {
    if (!(thrown instanceof CodedError) || thrown.code !== 'parameter.invalid') throw thrown;
    throw unreadable(address, `sent an answer of another form: ${thrown.message.replace(/\.$/, '')}`, thrown);
  }
}

/** A list of whole numbers, such as token ids. Throws `server.unreadable`. */
export function readCounts(address: string, value: unknown, what: string): readonly number[] {
  if (Array.isArray(value) && value.every((each): each is number => Number.isInteger(each))) return value;
  throw unreadable(address, `sent an answer of another form: ${what} must be a list of whole numbers`);
}
