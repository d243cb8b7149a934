import { isRecord } from '../../protocol/isRecord.ts';

/** The members of a JSON object; null for other text, such as that of a file that is being written. Pure. */
export function jsonRecord(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
