import type { Formula } from './formula.ts';

/** A run of text within a block. All text is the model's own, unchanged: nothing in it is markup of the page. */
export type MarkdownInline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'break' }
  | ({ readonly type: 'formula' } & Formula)
  | { readonly type: 'strong' | 'emphasis' | 'deleted'; readonly children: readonly MarkdownInline[] }
  /** A link or an image. Its address is text to be read, which nothing follows or loads. */
  | { readonly type: 'reference'; readonly address: string; readonly children: readonly MarkdownInline[] };

export type MarkdownBlock =
  | { readonly type: 'paragraph'; readonly children: readonly MarkdownInline[] }
  /** Depth 1 to 6, as typed. */
  | { readonly type: 'heading'; readonly depth: number; readonly children: readonly MarkdownInline[] }
  /** Info is the text after the opening fence: a language as a rule, '' for none. */
  | {
      readonly type: 'code';
      readonly info: string;
      readonly text: string;
      /** False for a fence that the text ends within. */
      readonly isClosed: boolean;
    }
  | { readonly type: 'quote'; readonly children: readonly MarkdownBlock[] }
  /** First number of an ordered list; null for bullets. */
  | { readonly type: 'list'; readonly start: number | null; readonly items: readonly MarkdownListItem[] }
  | {
      readonly type: 'table';
      readonly header: readonly MarkdownCell[];
      readonly rows: readonly (readonly MarkdownCell[])[];
    }
  | { readonly type: 'rule' };

export interface MarkdownListItem {
  /** Whether the box of a task is ticked; null for an item that is not a task. */
  readonly isDone: boolean | null;
  readonly children: readonly MarkdownBlock[];
}

export interface MarkdownCell {
  readonly align: 'left' | 'center' | 'right' | null;
  readonly children: readonly MarkdownInline[];
}
