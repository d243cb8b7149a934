import type { PanelToHost } from '../../protocol/panelMessages.ts';

type MessageType = PanelToHost['type'];

const messageTypes: Readonly<Record<MessageType, true>> = {
  'panel/ready': true,
  'trace/resend': true,
  'trace/open': true,
  'trace/export': true,
  'request/steer': true,
  'question/asked': true,
  'question/askedAgain': true,
  'difficulty/chosen': true,
};

/**
 * A message from the panel's page, or null for anything that is not one. The page is ours and built with this
 * extension, so its members are taken at their word once the type is known.
 */
export function parsePanelMessage(message: unknown): PanelToHost | null {
  if (typeof message !== 'object' || message === null || !('type' in message)) return null;
  const { type } = message;
  return typeof type === 'string' && Object.hasOwn(messageTypes, type) ? (message as PanelToHost) : null;
}
