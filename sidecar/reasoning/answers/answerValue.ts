import {
  type ExactNumber,
  formatNumber,
  multiply,
  parseNumber,
  unsignedNumberPattern,
} from './exactNumber.ts';
import { plainFromLatex } from './latexMarkup.ts';

/** An answer in the one form that all ways of writing it share, so that equal answers are equal strings. */
export interface Answer {
  readonly kind: 'number' | 'choice' | 'code' | 'text';
  readonly canonical: string;
}

/** Longer values are prose, not answers. */
const longestValue = 300;
const mostWords = 8;
/** From this many words of two letters on, a phrase around a single number is a sentence that states it. */
const sentenceWords = 3;

/**
 * A value on its own: a choice, a number with or without currency, percent sign and unit, a right-hand side, or a
 * short phrase. Units are left out of the canonical form, for the question fixes them and candidates differ in
 * whether they write them. Null for nothing, for a heading, and for prose without a number. Pure.
 */
export function parseValue(text: string): Answer | null {
  const value = bare(text);
  if (value === '' || value.length > longestValue || value.endsWith(':')) return null;
  return choice(value) ?? numeric(value) ?? equationSide(value) ?? phrase(value);
}

/** The result of a sentence: the number after its last equals sign, else its last number. */
export function lastNumberIn(sentence: string): Answer | null {
  const value = bare(sentence);
  return equationSide(value) ?? numberAnswer(numbersIn(value).at(-1) ?? null);
}

/** Without the list mark, markup, tags, quotes and full stop around it. */
function bare(text: string): string {
  const unmarked = text
    .normalize('NFKC')
    .replace(/^\s*(?:(?:[-*>]|#+)\s+)*/, '')
    .replace(/\*\*|__|`|<\/?answer>/gi, '');
  return plainFromLatex(unmarked)
    .replace(/^[\s*_"'“”‘’>]+/, '')
    .replace(/[\s*_"'“”‘’.!;,]+$/, '')
    .trim();
}

function choice(value: string): Answer | null {
  const match =
    /^(?:option|choice|answer)?\s*\(?([A-J])\)?$/i.exec(value) ??
    /^\(([A-J])\)\s+\S/i.exec(value) ??
    /^(?:option\s+|choice\s+)?([A-J])[).:]\s*\S/.exec(value);
  const letter = match?.[1];
  // A lone small letter is a variable's name as often as a choice.
  if (letter === undefined || value === letter.toLowerCase()) return null;
  return { kind: 'choice', canonical: letter.toUpperCase() };
}

const leadIn =
  /^(?:(?:the|final|answer|result|total|sum|is|are|was|so|it|that|approximately|approx\.?|about|around|roughly|exactly|equals?|only)\b[\s:]*|[≈~=:]\s*)+/i;
const scales: Readonly<Record<string, string>> = {
  hundred: '1e2',
  thousand: '1e3',
  k: '1e3',
  million: '1e6',
  billion: '1e9',
  trillion: '1e12',
};
/** Units that may follow a number without a space; anything else there makes it a term, such as `5x`. */
const attachedUnit =
  '(?:%|°\\s?[CF]?|(?:[kcmµμn]?m|[kmµμ]?g|[km]?l|L|m?s|h|hrs?|mins?|mph|kph|[kKMGT]i?B|[kKMG]?Hz|[kM]?[WJNV]|A|ft|in|lbs?|oz|st|nd|rd|th)(?:\\^?[23²³])?(?:/[a-z]+(?:\\^?[23²³])?)?)';
const unitWord = "(?:%|°[CF]?|[\\p{L}°µμΩ€£¥₹/'-]+(?:\\^?[23²³])?)\\.?";
const currency = '(?:[€£¥₹₩₽]|(?:USD|EUR|GBP|Rs\\.?|US)\\s)';
const fraction = '\\d+[ -]\\d+\\s*/\\s*\\d+|\\d+(?:\\.\\d+)?\\s*/\\s*\\d+(?:\\.\\d+)?';
const magnitude = `(?:${fraction}|${unsignedNumberPattern})`;
const quantity = new RegExp(
  `^(minus\\s|negative\\s|[-−–+])?\\s*${currency}?\\s*([-−–+]?\\s*${magnitude})` +
    `(?:\\s*(hundred|thousand|million|billion|trillion)\\b|(k)\\b)?(?:${attachedUnit})?` +
    `(?:\\s+${unitWord}){0,4}$`,
  'iu',
);

function numeric(value: string): Answer | null {
  const match = quantity.exec(value.replace(leadIn, ''));
  const [, sign = '', literal = '', scaleWord, scaleLetter] = match ?? [];
  const number = parseNumber(/^(?:minus|negative|[-−–])/i.test(sign.trim()) ? `-${literal}` : literal);
  if (number === null) return null;
  const scale = scales[(scaleWord ?? scaleLetter ?? '').toLowerCase()];
  const factor = scale === undefined ? null : parseNumber(scale);
  return numberAnswer(factor === null ? number : multiply(number, factor));
}

function equationSide(value: string): Answer | null {
  const side = /.*(?:=|≈)(.+)$/su.exec(value)?.[1];
  return side === undefined ? null : numeric(bare(side));
}

function phrase(value: string): Answer | null {
  const words = value.split(/\s+/);
  const spokenWords = words.filter((word) => /\p{L}{2}/u.test(word));
  const numbers = numbersIn(value);
  const isSentence =
    words.length > mostWords || (spokenWords.length >= sentenceWords && numbers.length === 1);
  if (isSentence) return numberAnswer(numbers.at(-1) ?? null);
  if (!/[\p{L}\p{N}]/u.test(value) || !hasBalancedBraces(value) || isCutEnvironment(value)) return null;
  if (spokenWords.every((word) => word.includes('\\'))) return formula(value);
  const canonical = value
    .toLowerCase()
    .replace(/^(?:the|a|an)\s+/, '')
    .replace(/\s+/g, ' ');
  return { kind: 'text', canonical };
}

/** Without what is left to taste: spaces that part no two words or numbers, and braces around a single character. */
function formula(value: string): Answer {
  const joined = value
    .replace(/(\\[a-z]+)\s+(?=\d)/gi, '$1')
    .replace(/(?<![\p{L}\p{N}])\s+|\s+(?![\p{L}\p{N}])/gu, '')
    .replace(/\{([^{}])\}/g, '$1');
  const isGrouped = /^\d{1,3}(?:,\d{3})+$/.test(joined);
  return (isGrouped ? numeric(joined) : null) ?? { kind: 'text', canonical: joined.toLowerCase() };
}

function isCutEnvironment(value: string): boolean {
  const name = /^\\begin\s*\{(\w+)\}/.exec(value)?.[1];
  return name !== undefined && !value.endsWith(`\\end{${name}}`);
}

/** Numbers by themselves: not part of a word, a time, a date, a range or a version. */
function numbersIn(text: string): readonly ExactNumber[] {
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}:/.,-])-?${unsignedNumberPattern}(?![\\p{L}\\p{N}:/-])`, 'gu');
  return [...text.matchAll(pattern)]
    .map((match) => parseNumber(match[0]))
    .filter((number) => number !== null);
}

function numberAnswer(number: ExactNumber | null): Answer | null {
  return number === null ? null : { kind: 'number', canonical: formatNumber(number) };
}

function hasBalancedBraces(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth++;
    else if (character === '}' && --depth < 0) return false;
  }
  return depth === 0;
}
