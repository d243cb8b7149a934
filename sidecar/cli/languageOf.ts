import path from 'node:path';

/** LSP language identifiers by file extension, where they differ from it. */
const identifiers: Readonly<Record<string, string>> = {
  cc: 'cpp',
  cs: 'csharp',
  h: 'c',
  hpp: 'cpp',
  js: 'javascript',
  jsx: 'javascriptreact',
  kt: 'kotlin',
  md: 'markdown',
  mjs: 'javascript',
  py: 'python',
  rb: 'ruby',
  rs: 'rust',
  sh: 'shellscript',
  ts: 'typescript',
  tsx: 'typescriptreact',
  yml: 'yaml',
};

/** The language of a file by its name: an LSP language identifier, `plaintext` where nothing is known. */
export function languageOf(filePath: string): string {
  const extension = path.extname(filePath).slice(1).toLowerCase();
  return identifiers[extension] ?? (extension || 'plaintext');
}
