/**
 * Documents that are sent to the engine and completed: files, also of virtual workspaces, new ones, and cells of
 * notebooks. Not output, diffs of the past, or input boxes.
 */
export const servedDocuments = ['file', 'untitled', 'vscode-notebook-cell', 'vscode-vfs'].map((scheme) => ({
  scheme,
}));
