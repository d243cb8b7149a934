import type { Attachment } from '../../../protocol/attachment.ts';
import type { Model } from '../../engine/engine.ts';
import { bm25Scores } from '../../otherFiles/bm25.ts';
import { identifierTerms, termCounts } from '../../otherFiles/identifierTerms.ts';
import { type FittedContext, type PromptStyle, type Turn, userText } from '../../prompts/chatPrompt.ts';

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
  const { turns, attachments, attachment } = asked;
  if (turns.length === 0 && attachments.length === 0) {
    return { turns, files: attachment === null ? [] : [attachment], leftOut: [] };
  }
  const counts = await countTexts(asked, style, model);
  const room = Math.floor(model.info.contextTokens * (1 - writtenShare)) - fixedTokens;
  const ranked = rankedParts(asked);
  let kept = ranked;
  while (kept.length > 0 && tokensOf(keptOf(asked, kept), counts) > room) kept = kept.slice(1);
  const dropped = ranked.slice(0, ranked.length - kept.length);
  return { ...keptOf(asked, kept), leftOut: dropped.map(({ source }) => nameOf(source)) };
}

/** What is kept, each text once: a file that an earlier turn has is not put again. */
function keptOf(
  { attachment, attachments, turns }: AskedContext,
  parts: readonly Part[],
): Pick<FitResult, 'turns' | 'files'> {
  const isKept = (source: Turn | Attachment): boolean => parts.some((part) => part.source === source);
  const keptTurns = turns.filter(isKept);
  const shown = keptTurns.flatMap(({ files }) => files);
  const isNew = (file: Attachment): boolean => !shown.some((earlier) => isSameText(earlier, file));
  const own = attachment === null ? [] : [attachment];
  return { turns: keptTurns, files: [...attachments.filter(isKept), ...own].filter(isNew) };
}

/** Tokens of the question with no file, of each turn with its files, and of each file. */
interface TextCounts {
  readonly question: number;
  readonly parts: ReadonlyMap<Turn | Attachment, number>;
}

async function countTexts(
  { question, attachment, attachments, turns }: AskedContext,
  style: PromptStyle,
  model: Pick<Model, 'tokenize'>,
): Promise<TextCounts> {
  const count = async (text: string): Promise<number> =>
    (await model.tokenize(text, { special: false })).length;
  const files = attachment === null ? attachments : [...attachments, attachment];
  const parts = [...turns, ...files].map(
    async (source) => [source, (await count(textOf(source))) + turnTokens] as const,
  );
  return {
    question: await count(userText({ question, files: [], style })),
    parts: new Map(await Promise.all(parts)),
  };
}

function tokensOf(
  { turns, files }: Pick<FitResult, 'turns' | 'files'>,
  { question, parts }: TextCounts,
): number {
  return [...turns, ...files].reduce((sum, source) => sum + (parts.get(source) ?? 0), question);
}

/** Parts in the order in which they are left out. */
function rankedParts({ question, attachment, turns, attachments }: AskedContext): readonly Part[] {
  const sources = [...turns, ...attachments];
  const relevance = relevanceOf(sources.map(textOf), `${question}\n${attachment?.text ?? ''}`);
  const parts = sources.map((source, index): Part => {
    const share = relevance[index] ?? 0;
    const isLastTurn = index === turns.length - 1;
    // Relevance is below 1: each kind stays together.
    return { source, rank: index < turns.length ? (isLastTurn ? 2 : 0) + share : 1 + share };
  });
  return parts.sort((a, b) => a.rank - b.rank);
}

function textOf(source: Turn | Attachment): string {
  if ('path' in source) return `${source.path}\n${source.text}`;
  const { answer, thought = '', ...turn } = source;
  return `${userText(turn)}\n${thought}${answer}`;
}

/** How much of what the question is about comes in each text, 0 to below 1. */
function relevanceOf(texts: readonly string[], query: string): readonly number[] {
  const documents = texts.map((text) => {
    const terms = identifierTerms(text);
    return { terms: termCounts(terms), length: terms.length };
  });
  return bm25Scores(documents, identifierTerms(query)).map((score) => score / (1 + score));
}

function nameOf(source: Turn | Attachment): string {
  if ('path' in source) return source.path;
  const [line = ''] = source.question.split('\n');
  return `the question “${line.length > nameLength ? `${line.slice(0, nameLength - 1)}…` : line}”`;
}

function isSameText(a: Attachment, b: Attachment): boolean {
  return a.path === b.path && a.text === b.text;
}
