import { isRecord } from '../../../../protocol/isRecord.ts';
import type { ChatMessage, ChatVariables } from '../../engine.ts';
import type { TemplateInput } from './boundedTemplate.ts';

/** Messages between a process that needs a chat prompt and the one that renders it. One rendering at a time. */

/** To the template process. */
export interface RenderOrder extends Omit<TemplateInput, 'now'> {
  readonly template: string;
}

/** What became of an order. */
export type RenderAnswer =
  | { readonly type: 'rendered'; readonly text: string }
  | { readonly type: 'tooLarge' }
  /** The template cannot be read, or refuses these messages. */
  | { readonly type: 'refused'; readonly message: string };

/** From the template process: `ready` once when it has started, then one answer to each order. */
export type TemplateMessage = { readonly type: 'ready' } | RenderAnswer;

/** Reads what came in over the channel. Throws for anything but an order: only `TemplateProcess` writes there. */
export function parseRenderOrder(value: unknown): RenderOrder {
  if (isRecord(value)) {
    const { template, beginText, endText, maxCharacters, messages, variables } = value;
    if (
      typeof template === 'string' &&
      typeof beginText === 'string' &&
      typeof endText === 'string' &&
      typeof maxCharacters === 'number' &&
      Array.isArray(messages) &&
      messages.every(isChatMessage) &&
      isVariables(variables)
    )
      return { template, beginText, endText, maxCharacters, messages, variables };
  }
  throw new Error('The template process takes orders to render, and nothing else.');
}

/** Reads what the template process wrote; null for anything else. */
export function parseTemplateMessage(value: unknown): TemplateMessage | null {
  if (!isRecord(value)) return null;
  const { type, text, message } = value;
  if (type === 'ready' || type === 'tooLarge') return { type };
  if (type === 'rendered' && typeof text === 'string') return { type, text };
  return type === 'refused' && typeof message === 'string' ? { type, message } : null;
}

const roles: ReadonlySet<unknown> = new Set<ChatMessage['role']>(['system', 'user', 'assistant']);

function isChatMessage(value: unknown): value is ChatMessage {
  if (!isRecord(value)) return false;
  const { role, content, thought } = value;
  const hasTexts = typeof content === 'string' && (thought === undefined || typeof thought === 'string');
  return roles.has(role) && hasTexts;
}

function isVariables(value: unknown): value is ChatVariables {
  return (
    isRecord(value) && Object.values(value).every((entry) => ['boolean', 'string'].includes(typeof entry))
  );
}
