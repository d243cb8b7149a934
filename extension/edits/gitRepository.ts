import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';

/** What is used of a repository of the Git extension (API version 1). */
export interface GitRepository {
  readonly rootUri: vscode.Uri;
  readonly inputBox: { value: string };
  readonly state: {
    readonly indexChanges: readonly unknown[];
    readonly workingTreeChanges: readonly unknown[];
  };
  diff(cached?: boolean): Promise<string>;
}

interface GitExtension {
  getAPI(version: 1): { readonly repositories: readonly GitRepository[] };
}

/** The repository at a folder, else the one of the active file, else the only one. Rejects with a `CodedError`. */
export async function gitRepositoryAt(root: vscode.Uri | null): Promise<GitRepository> {
  const repositories = await openRepositories();
  if (repositories === null) {
    throw new CodedError(
      'parameter.invalid',
      'The Git extension of VS Code is switched off, so there is no box for a commit message.',
      'Switch it on in the list of extensions.',
    );
  }
  const uri = root ?? vscode.window.activeTextEditor?.document.uri ?? null;
  const [only, ...others] = repositories;
  const [nearest] = repositories
    .filter((repository) => uri !== null && isInside(uri, repository.rootUri))
    .toSorted((a, b) => b.rootUri.path.length - a.rootUri.path.length);
  const repository = nearest ?? (others.length === 0 ? only : undefined);
  if (repository === undefined) {
    throw new CodedError(
      'parameter.invalid',
      repositories.length === 0 ? 'No Git repository is open.' : 'Several Git repositories are open.',
      repositories.length === 0
        ? 'Open a folder that is one.'
        : 'Press the button above the repository that you mean.',
    );
  }
  return repository;
}

/** Null where the Git extension is missing or switched off: it throws then. */
async function openRepositories(): Promise<readonly GitRepository[] | null> {
  try {
    const extension = vscode.extensions.getExtension<GitExtension>('vscode.git');
    return (await extension?.activate())?.getAPI(1).repositories ?? null;
  } catch {
    return null;
  }
}

/** The staged changes as a diff, else the changed files'; null where nothing changed. */
export async function changesOf(repository: GitRepository): Promise<string | null> {
  const { indexChanges, workingTreeChanges } = repository.state;
  if (indexChanges.length === 0 && workingTreeChanges.length === 0) return null;
  const diff = await repository.diff(indexChanges.length > 0);
  return diff.trim() === '' ? null : diff;
}

function isInside(uri: vscode.Uri, folder: vscode.Uri): boolean {
  return uri.scheme === folder.scheme && (uri.path === folder.path || uri.path.startsWith(`${folder.path}/`));
}
