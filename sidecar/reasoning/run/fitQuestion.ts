import type { Attachment } from '../../../protocol/attachment.ts';
import type { Model } from '../../engine/engine.ts';
import { bm25Scores } from '../../otherFiles/bm25.ts';
import { identifierTerms, termCounts } from '../../otherFiles/identifierTerms.ts';
import { type PromptStyle, type Turn, userText } from '../../prompts/chatPrompt.ts';
import type { FittedContext } from '../context/strategy.ts';

/** What a question comes with. */
export interface AskedContext {
  readonly question: string;
  /** Never left out. */
  readonly attachment: Attachment | null;
  readonly attachments: readonly Attachment[];
  /** Oldest first. */
  readonly turns: readonly Turn[];
}

export interface FitResult extends FittedContext {
  /** What had no room, in words that name it. */
  readonly leftOut: readonly string[];
}

/** Part of the context that is left to what is written. */
const writtenShare = 1 / 4;
/** Tokens of the system prompt, and of the template around it and the question; more than any that was measured. */
const fixedTokens = 96;
/** Tokens that the template puts around a turn, at most. */
const turnTokens = 16;
/** UTF-16 units of a question that names it. */
const nameLength = 60;

/** Something that can be left out, and what is lost by it. */
interface Part {
  readonly source: Turn | Attachment;
  readonly name: string;
  readonly tokens: number;
  /** The greater, the longer it is kept. */
  readonly rank: number;
}

/**
 * What of a question's context goes into its prompt, which leaves room for an answer: where it is too much, turns are left out
 * first, the least relevant and of equals the oldest first, then attachments, the least relevant first, and at last the turn
 * before the question. Counts tokens only where there is something to leave out.
 */
export async function fitQuestion(
  asked: AskedContext,
  style: PromptStyle,
  model: Pick<Model, 'info' | 'tokenize'>,
): Promise<FitResult> {
  const { turns, attachments, attachment, question } = asked;
  if (turns.length === 0 && attachments.length === 0) {
    return { turns, files: attachment === null ? [] : [attachment], leftOut: [] };
  }
  const count = async (text: string): Promise<number> =>
    (await model.tokenize(text, { special: false })).length;
  const own = userText({ question, files: attachment === null ? [] : [attachment], style });
  const room = Math.floor(model.info.contextTokens * (1 - writtenShare)) - fixedTokens - (await count(own));
  const parts = await ranked(asked, count);
  const dropped = overflowing(parts, room);
  const isKept = (source: Turn | Attachment): boolean => !dropped.some((part) => part.source === source);
  const keptTurns = turns.filter(isKept);
  const shown = keptTurns.flatMap(({ files }) => files);
  const isNew = (file: Attachment): boolean => !shown.some((earlier) => isSameText(earlier, file));
  const files = [...attachments.filter(isKept), ...(attachment === null ? [] : [attachment])].filter(isNew);
  return { turns: keptTurns, files, leftOut: dropped.map(({ name }) => name) };
}

/** Parts with what each takes, in the order in which they are left out. */
async function ranked(
  { question, attachment, turns, attachments }: AskedContext,
  count: (text: string) => Promise<number>,
): Promise<readonly Part[]> {
  const texts = [
    ...turns.map(({ answer, ...turn }) => `${userText(turn)}\n${answer}`),
    ...attachments.map(({ path, text }) => `${path}\n${text}`),
  ];
  const relevance = relevanceOf(texts, `${question}\n${attachment?.text ?? ''}`);
  const parts = [...turns, ...attachments].map(async (source, index): Promise<Part> => {
    const tokens = (await count(texts[index] ?? '')) + turnTokens;
    const share = relevance[index] ?? 0;
    const isLastTurn = index === turns.length - 1;
    // Relevance is below 1: each kind stays together.
    const rank = index < turns.length ? (isLastTurn ? 2 : 0) + share : 1 + share;
    return { source, name: nameOf(source), tokens, rank };
  });
  return (await Promise.all(parts)).sort((a, b) => a.rank - b.rank);
}

/** How much of what the question is about comes in each text, 0 to below 1. */
function relevanceOf(texts: readonly string[], query: string): readonly number[] {
  const documents = texts.map((text) => {
    const terms = identifierTerms(text);
    return { terms: termCounts(terms), length: terms.length };
  });
  return bm25Scores(documents, identifierTerms(query)).map((score) => score / (1 + score));
}

/** The first parts of the list that have to go, so that the rest takes no more than the room. */
function overflowing(parts: readonly Part[], room: number): readonly Part[] {
  let taken = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  let count = 0;
  while (taken > room && count < parts.length) taken -= parts[count++]?.tokens ?? 0;
  return parts.slice(0, count);
}

function nameOf(source: Turn | Attachment): string {
  if ('path' in source) return source.path;
  const [line = ''] = source.question.split('\n');
  return `the question “${line.length > nameLength ? `${line.slice(0, nameLength - 1)}…` : line}”`;
}

function isSameText(a: Attachment, b: Attachment): boolean {
  return a.path === b.path && a.text === b.text;
}
