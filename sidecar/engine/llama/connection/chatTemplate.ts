import { Template } from '@huggingface/jinja';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { ChatMessage } from '../../engine.ts';

/** What a model's file says about chats. */
export interface ChatFormat {
  /** Jinja, as in `tokenizer.chat_template`; null where the file has none. */
  readonly template: string | null;
  readonly beginText: string;
  readonly endText: string;
}

/** The messages in the model's own form, ending where the assistant's turn begins. Throws `model.unsupported`. */
export function renderChat(format: ChatFormat, messages: readonly ChatMessage[]): string {
  if (format.template === null) {
    throw unsupported('has no chat template, so it cannot answer questions');
  }
  try {
    return new Template(format.template).render({
      messages,
      add_generation_prompt: true,
      bos_token: format.beginText,
      eos_token: format.endText,
    });
  } catch (cause) {
    throw unsupported('has a chat template that cannot be applied to this conversation', cause);
  }
}

function unsupported(what: string, cause?: unknown): CodedError {
  const detail = cause instanceof Error ? ` (${cause.message})` : '';
  return new CodedError(
    'model.unsupported',
    `This model ${what}${detail}.`,
    'Choose an instruction-tuned model.',
    { cause },
  );
}
