import { CodedError } from '../../../../protocol/codedError.ts';

/** What rendering one prompt may take. */
export interface TemplateLimits {
  readonly durationMs: number;
  readonly heapMebibytes: number;
}

export const templateLimits: TemplateLimits = { durationMs: 2000, heapMebibytes: 64 };

/** A prompt may be this many contexts long before it is cut off: one that is too long then fails with its true length. */
const contextsOfText = 4;
/** English and code take three to four characters a token. */
const charactersPerToken = 4;

/** Characters that the template of a model with this context may write. */
export function characterLimit(contextTokens: number): number {
  return contextTokens * contextsOfText * charactersPerToken;
}

const remedy = 'Choose another model, or one whose file has another chat template.';

export function templateTooSlow({ durationMs }: TemplateLimits): CodedError {
  return new CodedError(
    'template.tooSlow',
    `The model's chat template took longer than ${durationMs / 1000} s and was stopped. ` +
      'Questions to this model cannot be asked; completions still work.',
    remedy,
  );
}

export function templateTooLarge(maxCharacters: number): CodedError {
  return new CodedError(
    'template.tooLarge',
    `The model's chat template wrote more than ${maxCharacters} characters, or a list as large, and was stopped. ` +
      'No such prompt fits the context.',
    remedy,
  );
}

export function templateTookTooMuchMemory({ heapMebibytes }: TemplateLimits): CodedError {
  return new CodedError(
    'template.tooMuchMemory',
    `The model's chat template took more than ${heapMebibytes} MB of memory and was stopped. ` +
      'Questions to this model cannot be asked; completions still work.',
    remedy,
  );
}

/** `what` goes on from "This model". */
export function templateUnusable(what: string, detail?: string): CodedError {
  const why = detail === undefined ? '' : ` (${detail})`;
  return new CodedError(
    'model.unsupported',
    `This model ${what}${why}.`,
    'Choose an instruction-tuned model.',
  );
}
