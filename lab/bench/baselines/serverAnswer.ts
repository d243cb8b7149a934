import { CodedError } from '../../../protocol/codedError.ts';
import { FieldReader, type NumberRange } from '../../../sidecar/validation/fieldReader.ts';

/** What llama-server says of a completion. Its speed is by its own clock: without HTTP and without the prompt. */
export interface ServerAnswer {
  readonly ids: readonly number[];
  readonly text: string;
  /** After the first token, which the prompt's last batch gives; 0 for a single token. */
  readonly tokensPerSecond: number;
  readonly draftedTokenCount: number;
  readonly acceptedTokenCount: number;
}

const anyCount: NumberRange = { min: 0, max: Number.MAX_VALUE };

/** Reads the body of `/completion`. Throws `engine.failed` for anything else. */
export function readServerAnswer(text: string): ServerAnswer {
  try {
    const value: unknown = JSON.parse(text);
    const fields = new FieldReader(value, 'completion');
    const timings = fields.object('timings');
    return {
      ids: idsOf(value),
      text: fields.string('content'),
      tokensPerSecond: timings.number('predicted_per_second', anyCount),
      draftedTokenCount: timings.optionalNumber('draft_n', anyCount) ?? 0,
      acceptedTokenCount: timings.optionalNumber('draft_n_accepted', anyCount) ?? 0,
    };
  } catch (cause) {
    throw new CodedError(
      'engine.failed',
      'llama-server answered with something that is not a completion.',
      'Check that it is of the same release as the engine.',
      { cause },
    );
  }
}

function idsOf(value: unknown): readonly number[] {
  const ids: unknown = typeof value === 'object' && value !== null && 'tokens' in value ? value.tokens : null;
  if (Array.isArray(ids) && ids.every((id) => typeof id === 'number')) return ids;
  throw new TypeError('The tokens of a completion are numbers.');
}
