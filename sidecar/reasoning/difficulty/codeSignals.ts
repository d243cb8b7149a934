import type { Attachment } from '../../../protocol/attachment.ts';

/** What can be read off code without a model. */
export interface CodeSignals {
  /** As editors name it. */
  readonly languageId: string;
  /** Lines with something on them. */
  readonly lineCount: number;
  /** One more than the places where the code decides (McCabe 1976), counted by words: a hint, not a parse. */
  readonly complexity: number;
  /** Errors and warnings that the editor has for it; null where nobody looked. */
  readonly diagnosticCount: number | null;
}

/** Reads them off the attached code, in time linear in its length. Pure. */
export function codeSignals({ languageId, text, diagnosticCount }: Attachment): CodeSignals {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const code = text.replace(unreadBy(languageId), ' ');
  const decisions = code.matchAll(hashLanguages.has(languageId) ? wordyDecision : decision);
  return {
    languageId,
    lineCount: lines.length,
    complexity: 1 + [...decisions].length,
    diagnosticCount: diagnosticCount ?? null,
  };
}

/** Languages whose comments begin with a hash, and which spell their conditions with words. */
const hashLanguages: ReadonlySet<string> = new Set(
  'elixir julia makefile perl powershell python r ruby shellscript yaml'.split(' '),
);
/** Languages whose comments begin with two dashes. */
const dashLanguages: ReadonlySet<string> = new Set(['haskell', 'lua', 'sql']);

const words = 'if|elif|elsif|elseif|unless|for|foreach|while|until|case|when|catch|except|rescue';
/** A word that decides, a condition of two halves, or the question mark of a choice between two values. */
const decision = new RegExp(`\\b(?:${words})\\b|&&|\\|\\||\\s\\?\\s`, 'gi');
const wordyDecision = new RegExp(`\\b(?:${words}|and|or)\\b|&&|\\|\\|`, 'gi');

// Every part ends somewhere, or is bounded, so that no text is read twice: a single quote may be a lifetime.
const strings = String.raw`"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\.|[^'\\\n]){0,200}'`;
const slashComments = String.raw`\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)`;
const afterHash = new RegExp(`"""[\\s\\S]*?(?:"""|$)|'''[\\s\\S]*?(?:'''|$)|${strings}|#[^\\n]*`, 'g');
const afterDashes = new RegExp(`${strings}|--[^\\n]*|${slashComments}`, 'g');
const afterSlashes = new RegExp(`\`(?:\\\\[\\s\\S]|[^\`\\\\])*\`?|${strings}|${slashComments}`, 'g');

/** Strings and comments, in which no word decides anything. */
function unreadBy(languageId: string): RegExp {
  if (hashLanguages.has(languageId)) return afterHash;
  return dashLanguages.has(languageId) ? afterDashes : afterSlashes;
}
