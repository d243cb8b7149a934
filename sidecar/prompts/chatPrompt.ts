import type { Attachment } from '../../protocol/attachment.ts';
import type { RequestId } from '../../protocol/traceEvent.ts';
import type { ChatMessage } from '../engine/engine.ts';

/** `direct` asks for an answer as one would write it; `stepByStep` for reasoning with a marked answer at the end. */
export type PromptStyle = 'direct' | 'stepByStep';

/** What stands before an answer, in the instruction and in the cue that asks for it. Extraction looks for it. */
export const answerMarker = 'Final answer:';

/** Spellings of the marker that models write of their own accord. A thought ends where one appears. */
export const answerMarkerSpellings: readonly string[] = [answerMarker, 'Final Answer:', 'FINAL ANSWER:'];

/** Closes a thought that has no answer yet. */
export const answerCue = `\n\n${answerMarker}`;

/**
 * Begins a thought at its first step. Otherwise small models first tell what is asked and how they will go about it: over a
 * quarter of what they write (docs/decisions/skippedPreamble.md).
 */
export const firstStepCue = 'Step 1:';

/** Opens a thought again that was about to close. */
export const continueCue = '\n\nWait, let me check this again.\n';

const systemPrompt = 'You are a careful assistant for programmers. Be correct and brief.';

/**
 * Asks for the working before the form of the answer: where a model reads of the form first, or is told to be brief
 * there, it sometimes gives an answer at once and guesses it. No placeholder stands behind the marker, since small
 * models copy one into their answer.
 */
const stepByStepInstruction =
  'First work it out step by step. Only then end with a last line that has nothing but the answer in it, ' +
  `after the words "${answerMarker}".`;

/** The same of a model that has thought by itself before it answers. */
const answerLineInstruction = `End with a last line that has nothing but the answer in it, after the words "${answerMarker}".`;

/** An earlier question of a conversation, as it was put, and its answer. */
export interface Turn extends PutQuestion {
  readonly requestId: RequestId;
  readonly answer: string;
  /** In the model's own form, for a chat template that keeps earlier thoughts; absent for all others. */
  readonly thought?: string;
}

/** A question with the texts that are put before it, in their order. */
export interface PutQuestion {
  readonly question: string;
  readonly files: readonly Attachment[];
  readonly style: PromptStyle;
  /** Whether the model thinks in its own form before it answers; not when absent. */
  readonly thinks?: boolean;
}

/** What is put with a question, as far as the context has room for it. */
export interface FittedContext {
  /** Earlier turns of the conversation, oldest first. */
  readonly turns: readonly Turn[];
  /** Texts before the question, in their order. */
  readonly files: readonly Attachment[];
}

/** The chat that puts a question to the model, code first where the question is about some. */
export function chatMessages(
  question: string,
  attachment: Attachment | null,
  style: PromptStyle,
): readonly ChatMessage[] {
  return conversationMessages([], { question, files: attachment === null ? [] : [attachment], style });
}

/**
 * The chat that puts a question after earlier ones. It begins as the chats of those began, so that what was read for them is
 * read from the cache.
 */
export function conversationMessages(turns: readonly Turn[], asked: PutQuestion): readonly ChatMessage[] {
  return [
    { role: 'system', content: systemPrompt },
    ...turns.flatMap((turn): readonly ChatMessage[] => [
      { role: 'user', content: userText(turn) },
      {
        role: 'assistant',
        content: turn.answer,
        ...(turn.thought !== undefined && { thought: turn.thought }),
      },
    ]),
    { role: 'user', content: userText(asked) },
  ];
}

/** What the user says, as the model reads it. */
export function userText({ question, files, style, thinks = false }: PutQuestion): string {
  const parts = [
    ...files.map(attachedCode),
    question,
    ...(style === 'direct' ? [] : [thinks ? answerLineInstruction : stepByStepInstruction]),
  ];
  return parts.join('\n\n');
}

/** What a question asks, code first where it is about some. */
export function questionText(question: string, attachment: Attachment | null): string {
  return attachment === null ? question : `${attachedCode(attachment)}\n\n${question}`;
}

/** A question with all that was shown to those who answered it, as one text for a judge of their answers. Pure. */
export function judgedQuestion(question: string, { turns, files }: FittedContext): string {
  const earlier = turns.flatMap((turn) => [
    `Earlier question:\n${userText({ ...turn, style: 'direct' })}`,
    `Answer to it:\n${turn.answer}`,
  ]);
  const asked = userText({ question, files, style: 'direct' });
  return earlier.length === 0 ? asked : [...earlier, `Question now:\n${asked}`].join('\n\n');
}

function attachedCode({ languageId, path, text }: Attachment): string {
  return `${path}:\n${fenced(text, languageId)}`;
}

/** A text in a fence longer than any run of backticks inside it, so that it cannot end early. */
export function fenced(text: string, languageId: string): string {
  const longestRun = Math.max(0, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(Math.max(3, longestRun + 1));
  return `${fence}${languageId}\n${text.replace(/\n$/, '')}\n${fence}`;
}
