import { readFile } from 'node:fs/promises';
import { CodedError } from '../../protocol/codedError.ts';

/** The text of a file that the user named. Throws `parameter.invalid` that says why it cannot be read. */
export async function readInputFile(filePath: string): Promise<string> {
  return (await readInputBytes(filePath)).toString('utf8');
}

/** The same, as it is. */
export async function readInputBytes(filePath: string): Promise<Buffer> {
  try {
    return await readFile(filePath);
  } catch (cause) {
    throw new CodedError(
      'parameter.invalid',
      `${filePath} cannot be read: ${reasonOf(cause)}.`,
      'Check the path.',
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
    case 'EPERM':
      return 'you may not read it';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
