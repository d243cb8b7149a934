import { CodedError } from '../../../protocol/codedError.ts';

/**
 * A server's address as `ServerSource` has it: `http` or `https`, without a slash at the end, without `/v1`, without a
 * query. Throws `parameter.invalid`, also for an address with a password in it, which would be shown and logged.
 */
export function readServerAddress(text: string): string {
  const url = parse(text.trim());
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalid(
      'The address of a server begins with http:// or https://.',
      'Write it as http://127.0.0.1:8080.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(
      'The address of a server must not have a name or a password in it.',
      'Put the key into a file of its own.',
    );
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '').replace(/\/+$/, '');
  return `${url.origin}${path}`;
}

/** Whether what is sent there stays on this machine. Pure. */
export function isLoopback(address: string): boolean {
  const name = new URL(address).hostname;
  return name === 'localhost' || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** Whether others on the way can read what is sent: no encryption, and another machine. Pure. */
export function isOpenToOthers(address: string): boolean {
  return address.startsWith('http:') && !isLoopback(address);
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function invalid(message: string, remedy: string): CodedError {
  return new CodedError('parameter.invalid', message, remedy);
}
