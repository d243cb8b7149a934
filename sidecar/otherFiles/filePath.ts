import { isOfferedScheme } from '../../protocol/offeredPart.ts';

/** Whether parts of a document may go before a prompt, by its URI. Pure. */
export function isUsedScheme(uri: string): boolean {
  return isOfferedScheme(uri.slice(0, Math.max(0, uri.indexOf(':'))));
}

/** The path that a prompt names a document by: in the workspace where it is in it, else its name alone. Pure. */
export function promptPath(uri: string, workspaceUri: string | null): string {
  const root = workspaceUri === null ? null : workspaceUri.replace(/\/?$/, '/');
  const path =
    root !== null && uri.startsWith(root) ? uri.slice(root.length) : (uri.split('/').at(-1) ?? uri);
  return decoded(path.split(/[?#]/, 1)[0] ?? path);
}

/** The folder that a document is in, as a URI. Pure. */
export function folderOf(uri: string): string {
  return uri.slice(0, uri.lastIndexOf('/') + 1);
}

/** The name of a workspace, as prompts name a repository. Pure. */
export function repositoryName(workspaceUri: string | null): string {
  const name = workspaceUri?.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return name === '' ? 'project' : decoded(name);
}

/** A file's name without its extension, or its folder's where the file is an index. Pure. */
export function moduleName(uri: string): string {
  const [name = '', folder = ''] = uri.split('/').reverse();
  const stem = name.replace(/\.[^.]*$/, '');
  return decoded(stem === 'index' || stem === '__init__' ? folder : stem);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
