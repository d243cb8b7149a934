import { CodedError } from './codedError.ts';

/** As each of our runtimes has it; their types have it in different places. */
declare const URL: new (
  text: string,
) => Readonly<
  Record<'protocol' | 'username' | 'password' | 'hostname' | 'host' | 'origin' | 'pathname', string>
>;
type ReadUrl = InstanceType<typeof URL>;

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

/** Several addresses, each once, in their order. Throws as `readServerAddress` does. */
export function readServerAddresses(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map(readServerAddress))];
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

/** What a setting names a server's model by: its address, and after a `#` the model where the server has several. Pure. */
export function serverModelName(address: string, modelName: string | null): string {
  return modelName === null ? address : `${address}#${modelName}`;
}

/** Whether a setting names a server's model, and no model of this machine. Pure. */
export function isServerModel(name: string): boolean {
  return /^https?:\/\//i.test(name.trim());
}

/** Address and model that a setting names; null for a model of this machine, and for an address that is none. Pure. */
export function readServerModel(
  name: string,
): { readonly address: string; readonly modelName: string | null } | null {
  if (!isServerModel(name)) return null;
  const mark = name.indexOf('#');
  const [address, modelName] = mark < 0 ? [name, ''] : [name.slice(0, mark), name.slice(mark + 1).trim()];
  try {
    return { address: readServerAddress(address), modelName: modelName === '' ? null : modelName };
  } catch {
    return null;
  }
}

/** Name and port of a server, as people are shown it. Pure. */
export function hostOf(address: string): string {
  return parse(address)?.host ?? address;
}

function parse(text: string): ReadUrl | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function invalid(message: string, remedy: string): CodedError {
  return new CodedError('parameter.invalid', message, remedy);
}
