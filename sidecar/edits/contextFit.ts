import { CodedError } from '../../protocol/codedError.ts';
import { counted } from '../../protocol/counted.ts';
import type { Model } from '../engine/engine.ts';
import { questionText } from '../prompts/chatPrompt.ts';
import type { AskedEdit } from './askedEdit.ts';
import { linesWithEnds, splitAtRange } from './lineRange.ts';

/** For words around the code. */
const spareAnswerTokens = 256;
/** Fewer than code has in the mean, so that an edit may be longer than what it was given. */
const charactersPerToken = 2;
/** A smaller range has other lines of the document around it, which take the room of so many of its own. */
const linesAround = 8;
/** Of the chat template and the system's instruction. */
const templateTokens = 64;

/** Tokens that an answer may have, by the text that is given. A model that goes on for longer writes anything but its lines. Pure. */
export function editAnswerTokens(text: string): number {
  return spareAnswerTokens + Math.ceil(text.length / charactersPerToken);
}

/**
 * Throws `context.exceeded`, naming the lines that do fit, where the model's context has no room for the prompt of an edit and an
 * answer as long as its range. Returns how many such answers there is room for beside each other.
 */
export async function requireEditFits(
  { prompt, place, document }: AskedEdit,
  { info, tokenize }: { readonly info: Pick<Model['info'], 'contextTokens'>; readonly tokenize: Tokenize },
): Promise<number> {
  const inside = place.type === 'lines' ? splitAtRange(document.text, place.range).inside : '';
  const promptTokens = await tokenize(questionText(prompt.question, prompt.attachment));
  const rangeTokens = inside === '' ? 0 : await tokenize(inside);
  const beside = templateTokens + spareAnswerTokens;
  const needed = promptTokens + rangeTokens + beside;
  if (needed <= info.contextTokens) {
    const ofAnswer = rangeTokens + spareAnswerTokens;
    return Math.floor((info.contextTokens - promptTokens - templateTokens) / ofAnswer);
  }
  // The prompt has the range twice, and the answer once.
  const ofRange = 3 * rangeTokens;
  const left = Math.max(0, info.contextTokens - (needed - ofRange));
  const lineCount = linesWithEnds(inside).length;
  const most = ofRange === 0 ? 0 : Math.floor((lineCount * left) / ofRange);
  const fitting = most === 0 ? 0 : Math.max(1, most - linesAround);
  throw new CodedError(
    'context.exceeded',
    `The edit needs ${counted(needed, 'token')} of context and the model has ${info.contextTokens}, so it was not asked. ` +
      (fitting > 0
        ? `Of the ${lineCount} lines about ${fitting} fit.`
        : 'What goes along with the range leaves no room for it.'),
    fitting > 0
      ? 'Choose fewer lines, or raise the context of the model.'
      : 'Leave out other files, or raise the context of the model.',
  );
}

/** How many tokens a text has. */
type Tokenize = (text: string) => Promise<number>;
