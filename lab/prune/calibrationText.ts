import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import type { ChatMessage } from '../../sidecar/engine/engine.ts';
import { FieldReader } from '../../sidecar/validation/fieldReader.ts';

/** A text as a file has it: a program or prose, or a chat that ends with the assistant's answer. */
export type CalibrationPiece =
  | { readonly type: 'document'; readonly text: string }
  | { readonly type: 'chat'; readonly messages: readonly ChatMessage[] };

/** Pieces to choose and fit by, and others, of the same kinds, to judge by. */
export interface CalibrationText {
  readonly training: readonly CalibrationPiece[];
  readonly heldOut: readonly CalibrationPiece[];
  /** Hash of all pieces, in order. */
  readonly sha256: string;
}

/** Every so many pieces of a kind one is kept to judge by. */
const heldOutStride = 4;
/** Larger files are not text that somebody wrote. */
const maxFileBytes = 1 << 20;
const chatFile = /\.jsonl$/i;
/** Says what a folder is about, and is not of the kind that the folder is about. */
const aboutFile = /^readme(\.\w+)?$/i;
const roles = ['system', 'user', 'assistant'] as const;

/**
 * Reads a file, or the files of a folder in the order of their names: chats from `.jsonl`, one object with `messages` a
 * line, and a document from every other file. Throws `parameter.invalid` where there is nothing to read or less than
 * one piece to judge by.
 */
export async function readCalibrationText(path: string): Promise<CalibrationText> {
  const pieces = (await Promise.all((await filesOf(path)).map(readPieces))).flat();
  const kinds = ['document', 'chat'].map((type) => pieces.filter((piece) => piece.type === type));
  const isHeldOut = (index: number): boolean => index % heldOutStride === heldOutStride - 1;
  const training = kinds.flatMap((kind) => kind.filter((_, index) => !isHeldOut(index)));
  const heldOut = kinds.flatMap((kind) => kind.filter((_, index) => isHeldOut(index)));
  if (heldOut.length === 0) {
    throw unreadable(path, `it holds ${pieces.length} texts, and at least ${heldOutStride} are needed`);
  }
  const sha256 = createHash('sha256').update(JSON.stringify(pieces)).digest('hex');
  return { training, heldOut, sha256 };
}

async function filesOf(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, 'there is no such file or folder, or it may not be read', cause);
  });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !aboutFile.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function readPieces(path: string): Promise<readonly CalibrationPiece[]> {
  const { size } = await stat(path);
  if (size > maxFileBytes) return [];
  const text = await readFile(path, 'utf8');
  if (chatFile.test(path)) {
    return text
      .split('\n')
      .flatMap((line, index) => (line.trim() === '' ? [] : [readChat(line, path, index)]));
  }
  // Bytes that are not text: an image or an archive in the folder.
  return text.includes('\u{0}') || text.trim() === '' ? [] : [{ type: 'document', text }];
}

function readChat(line: string, path: string, index: number): CalibrationPiece {
  const where = `line ${index + 1}`;
  try {
    const value: unknown = JSON.parse(line);
    const list = typeof value === 'object' && value !== null && 'messages' in value ? value.messages : null;
    if (!Array.isArray(list) || list.length < 2) throw new Error('it has no "messages" of two or more');
    const messages = list.map((item: unknown, place): ChatMessage => {
      const reader = new FieldReader(item, `messages[${place}]`);
      return { role: reader.oneOf('role', roles), content: reader.string('content') };
    });
    if (messages.at(-1)?.role !== 'assistant') throw new Error('its last message is not the assistant’s');
    return { type: 'chat', messages };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw unreadable(path, `${where} is not a chat: ${why}`, cause);
  }
}

function unreadable(path: string, why: string, cause?: unknown): CodedError {
  return new CodedError(
    'parameter.invalid',
    `${path} cannot serve as calibration text: ${why}.`,
    'Give a folder of files of the kind that the model is to be used for, or leave --text out.',
    { cause },
  );
}
