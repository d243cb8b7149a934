import type { MarkedToken, Token, Tokens } from 'marked';
import { assertNever } from '../../protocol/assertNever.ts';
import { BoundedLexer } from './boundedLexer.ts';
import { formulaIn } from './formula.ts';
import type { MarkdownBlock, MarkdownCell, MarkdownInline, MarkdownListItem } from './markdownTree.ts';

/**
 * The tree of a text in GitHub's Markdown, with all its words but the titles of links and surplus cells of a table. A
 * fence never closed runs to the end; HTML stays text. Pure, never throws; costs a millisecond for a thousand tokens.
 */
export function parseMarkdown(text: string): readonly MarkdownBlock[] {
  return blocksOf(new BoundedLexer().lex(text));
}

/** The blocks of tokens that the lexer gave. Pure. */
export function blocksOf(tokens: readonly Token[]): readonly MarkdownBlock[] {
  return ownTokens(tokens).flatMap((token): readonly MarkdownBlock[] => {
    switch (token.type) {
      case 'space':
      // The box of a task: its item has the state.
      case 'checkbox':
        return [];
      case 'code':
        return [{ type: 'code', info: token.lang ?? '', text: token.text, isClosed: isClosedCode(token) }];
      case 'heading':
        return [{ type: 'heading', depth: token.depth, children: inlinesOf(token.tokens) }];
      case 'blockquote':
        return [{ type: 'quote', children: blocksOf(token.tokens) }];
      case 'list':
        return [
          { type: 'list', start: token.start === '' ? null : token.start, items: token.items.map(itemOf) },
        ];
      case 'table':
        return [
          { type: 'table', header: token.header.map(cellOf), rows: token.rows.map((row) => row.map(cellOf)) },
        ];
      case 'hr':
        return [{ type: 'rule' }];
      case 'paragraph':
        return [{ type: 'paragraph', children: inlinesOf(token.tokens) }];
      case 'text':
      case 'escape':
      case 'codespan':
      case 'br':
      case 'strong':
      case 'em':
      case 'del':
      case 'link':
      case 'image':
      case 'html':
      case 'def':
      case 'list_item':
        // Text of a list's item that stands close; the others never come outside of a line.
        return [{ type: 'paragraph', children: inlinesOf([token]) }];
      default:
        return assertNever(token);
    }
  });
}

/** Whether a fence closes it. One that is indented has none, and ends with what follows it. */
function isClosedCode({ raw, codeBlockStyle }: Tokens.Code): boolean {
  if (codeBlockStyle === 'indented') return true;
  const [opening = '', ...lines] = raw.trimEnd().split('\n');
  const fence = /^ {0,3}(`{3,}|~{3,})/u.exec(opening)?.[1] ?? '';
  const last = lines.at(-1)?.trim() ?? '';
  return fence !== '' && last.startsWith(fence) && last.replaceAll(fence.charAt(0), '') === '';
}

function itemOf({ task, checked, tokens }: Tokens.ListItem): MarkdownListItem {
  return { isDone: task ? checked === true : null, children: blocksOf(tokens) };
}

function cellOf({ align, tokens }: Tokens.TableCell): MarkdownCell {
  return { align, children: inlinesOf(tokens) };
}

function inlinesOf(tokens: readonly Token[]): readonly MarkdownInline[] {
  return ownTokens(tokens).flatMap((token): readonly MarkdownInline[] => {
    switch (token.type) {
      case 'text':
        return token.tokens === undefined ? [{ type: 'text', text: token.text }] : inlinesOf(token.tokens);
      case 'escape': {
        const formula = formulaIn(token.text);
        return [formula === null ? { type: 'text', text: token.text } : { type: 'formula', ...formula }];
      }
      case 'codespan':
        return [{ type: 'code', text: token.text }];
      case 'br':
        return [{ type: 'break' }];
      case 'strong':
        return [{ type: 'strong', children: inlinesOf(token.tokens) }];
      case 'em':
        return [{ type: 'emphasis', children: inlinesOf(token.tokens) }];
      case 'del':
        return [{ type: 'deleted', children: inlinesOf(token.tokens) }];
      case 'link':
      case 'image':
        return [{ type: 'reference', address: token.href, children: inlinesOf(token.tokens) }];
      case 'checkbox':
        return [];
      case 'html':
      case 'def':
      case 'space':
      case 'code':
      case 'heading':
      case 'blockquote':
      case 'list':
      case 'list_item':
      case 'table':
      case 'hr':
      case 'paragraph':
        // None of these comes within a line; were one to, its text is shown as it was typed.
        return [{ type: 'text', text: token.raw }];
      default:
        return assertNever(token);
    }
  });
}

/** Marked's type has room for tokens of extensions; here there are none. */
function ownTokens(tokens: readonly Token[]): readonly MarkedToken[] {
  return tokens as readonly MarkedToken[];
}
