import type { TemplateInput } from './boundedTemplate.ts';

/** Messages between a thread that needs a chat prompt and the one that renders it. One rendering at a time. */

/** To the template thread. */
export interface RenderOrder extends Omit<TemplateInput, 'now'> {
  readonly template: string;
}

/** From the template thread: `ready` once when it has started, then one answer to each order. */
export type TemplateAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'rendered'; readonly text: string }
  | { readonly type: 'tooLarge' }
  /** The template cannot be read, or refuses these messages. */
  | { readonly type: 'refused'; readonly message: string };
