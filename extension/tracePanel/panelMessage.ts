import { isRecord } from '../../protocol/isRecord.ts';
import type { PanelToHost } from '../../protocol/panelMessages.ts';

type MessageType = PanelToHost['type'];

/** By type, members that must be texts: those of what reads or writes files. */
const textMembers: Readonly<Record<MessageType, readonly string[]>> = {
  'panel/ready': [],
  'trace/resend': [],
  'trace/open': [],
  'trace/export': [],
  'request/steer': [],
  'question/asked': ['question'],
  'question/askedAgain': [],
  'edit/asked': ['instruction'],
  'difficulty/chosen': [],
  'context/given': ['id'],
  'context/removed': ['id'],
  'context/added': ['path'],
  'files/sought': ['query'],
  'code/copied': ['code'],
  'code/inserted': ['code'],
  'code/applied': ['requestId', 'code'],
};

/**
 * A message from the panel's page, or null for anything that is not one. The page is ours and built with this
 * extension, so its other members are taken at their word once the type is known.
 */
export function parsePanelMessage(message: unknown): PanelToHost | null {
  if (!isRecord(message) || typeof message['type'] !== 'string') return null;
  if (!isMessageType(message['type'])) return null;
  const isComplete = textMembers[message['type']].every((name) => typeof message[name] === 'string');
  return isComplete ? (message as PanelToHost) : null;
}

function isMessageType(type: string): type is MessageType {
  return Object.hasOwn(textMembers, type);
}
