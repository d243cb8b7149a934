import type { ThinkChoice, ThinkingFormat, ThinkLevel } from '../../protocol/thinking.ts';
import type { ChatMessage, ChatVariables } from '../engine/engine.ts';
import type { PromptStyle } from './chatPrompt.ts';

/** What a prompt asks of a model's own way to think. Of no effect for a model that has none. */
export interface ThoughtRequest {
  readonly thinks: boolean;
  /** Null where nothing was chosen. */
  readonly level: ThinkLevel | null;
}

/** What is asked for a text that is to be written at once. */
export const noThought: ThoughtRequest = { thinks: false, level: null };

/** What a choice means for a question that is put in this style. Pure. */
export function thoughtRequestOf(choice: ThinkChoice, style: PromptStyle): ThoughtRequest {
  switch (choice) {
    case 'auto':
      return { thinks: style === 'stepByStep', level: null };
    case 'off':
      return noThought;
    case 'on':
      return { thinks: true, level: null };
    case 'low':
    case 'medium':
    case 'high':
      return { thinks: true, level: choice };
  }
}

/** Shares of the thought budget that levels mean where a model takes none itself. Our choice, not measured. */
const levelShares: Readonly<Record<ThinkLevel, number>> = { low: 0.25, medium: 0.5, high: 1 };

/** Share of its thought budget that a model may use. Pure. */
export function thoughtShare(format: Pick<ThinkingFormat, 'efforts'>, { level }: ThoughtRequest): number {
  const isPassedOn = level !== null && format.efforts?.levels.includes(level) === true;
  return level === null || isPassedOn ? 1 : levelShares[level];
}

/** What the chat template is given about it, by name. Pure. */
export function thoughtVariables(
  { switch: toggle, efforts }: Pick<ThinkingFormat, 'switch' | 'efforts'>,
  { thinks, level }: ThoughtRequest,
): ChatVariables {
  const isPassedOn = level !== null && efforts?.levels.includes(level) === true;
  return {
    ...(toggle?.kind === 'variable' && { [toggle.name]: thinks ? toggle.on : toggle.off }),
    ...(isPassedOn && { [efforts.variable]: level }),
  };
}

/** The chat with the word that switches thoughts in its system message, where the template goes by one. Pure. */
export function withThoughtWord(
  messages: readonly ChatMessage[],
  { switch: toggle }: Pick<ThinkingFormat, 'switch'>,
  { thinks }: ThoughtRequest,
): readonly ChatMessage[] {
  if (toggle?.kind !== 'word') return messages;
  const word = thinks ? toggle.on : toggle.off;
  const [first, ...others] = messages;
  return first?.role === 'system'
    ? [{ ...first, content: `${first.content}\n${word}` }, ...others]
    : [{ role: 'system', content: word }, ...messages];
}

/**
 * What a prompt lacks at its end so that the thought is open, or is left out. Templates differ: some open the thought, some
 * leave that to the model, and some heed no switch. `ending` is what the template wrote after the last message. Pure.
 */
export function thoughtEnding(
  ending: string,
  { open, close, closing, skipping }: Pick<ThinkingFormat, 'open' | 'close' | 'closing' | 'skipping'>,
  { thinks }: Pick<ThoughtRequest, 'thinks'>,
): string {
  const tail = ending.trimEnd();
  const isOpen = tail.endsWith(open.trimEnd());
  const isClosed = !isOpen && tail.endsWith(close);
  if (thinks) return isOpen ? '' : open;
  if (isClosed) return '';
  return isOpen ? closing : skipping;
}
