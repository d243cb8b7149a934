import type { GrammarName } from './grammarFiles.mjs';

/** Text put around a piece of code, so that a grammar of whole files takes it. Without line breaks. */
export interface CodeFrame {
  readonly before: string;
  readonly after: string;
}

export interface Grammar {
  readonly name: GrammarName;
  /** Frame for code that is only members of a class. None where the grammar takes them as they are. */
  readonly ofPart: CodeFrame | null;
}

export const nothingAround: CodeFrame = { before: '', after: '' };
/** The line end keeps a comment in the last line from hiding what closes the class. */
const inClass: CodeFrame = { before: 'class _ {', after: '\n}' };

/** By VS Code's identifier. */
const grammars: Readonly<Record<string, Grammar>> = {
  c: { name: 'c', ofPart: null },
  cpp: { name: 'cpp', ofPart: { before: 'class _ {', after: '\n};' } },
  csharp: { name: 'c-sharp', ofPart: inClass },
  css: { name: 'css', ofPart: null },
  go: { name: 'go', ofPart: null },
  java: { name: 'java', ofPart: inClass },
  javascript: { name: 'javascript', ofPart: inClass },
  javascriptreact: { name: 'javascript', ofPart: inClass },
  php: { name: 'php', ofPart: inClass },
  python: { name: 'python', ofPart: null },
  ruby: { name: 'ruby', ofPart: null },
  rust: { name: 'rust', ofPart: null },
  shellscript: { name: 'bash', ofPart: null },
  typescript: { name: 'typescript', ofPart: inClass },
  typescriptreact: { name: 'tsx', ofPart: inClass },
};

/** Null for a language whose grammar does not ship. */
export function grammarOf(languageId: string): Grammar | null {
  return Object.hasOwn(grammars, languageId) ? (grammars[languageId] ?? null) : null;
}

/** What opens a file: without it, the grammar of PHP takes any text for prose. */
export function openingOf({ name }: Grammar, text: string): string {
  return name === 'php' && !text.includes('<?') ? '<?php ' : '';
}
