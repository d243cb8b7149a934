/** A programming language as fences and editors name it. */
interface Language {
  /** The language's identifier in VS Code. */
  readonly id: string;
  readonly extension: string;
  /** Other names that fences use. */
  readonly names: readonly string[];
}

const languages: readonly Language[] = [
  { id: 'c', extension: '.c', names: ['h'] },
  { id: 'cpp', extension: '.cpp', names: ['c++', 'cc', 'cxx', 'hpp'] },
  { id: 'csharp', extension: '.cs', names: ['cs', 'c#'] },
  { id: 'css', extension: '.css', names: [] },
  { id: 'go', extension: '.go', names: ['golang'] },
  { id: 'java', extension: '.java', names: [] },
  { id: 'javascript', extension: '.js', names: ['js', 'mjs', 'cjs', 'node'] },
  { id: 'javascriptreact', extension: '.jsx', names: ['jsx'] },
  { id: 'json', extension: '.json', names: [] },
  { id: 'php', extension: '.php', names: [] },
  { id: 'powershell', extension: '.ps1', names: ['pwsh', 'ps1'] },
  { id: 'python', extension: '.py', names: ['py', 'python3'] },
  { id: 'ruby', extension: '.rb', names: ['rb'] },
  { id: 'rust', extension: '.rs', names: ['rs'] },
  { id: 'shellscript', extension: '.sh', names: ['sh', 'bash', 'shell', 'zsh'] },
  { id: 'typescript', extension: '.ts', names: ['ts', 'mts'] },
  { id: 'typescriptreact', extension: '.tsx', names: ['tsx'] },
];

/** VS Code's identifier of a language by any of its names; the name itself in lower case where it is not known. */
export function languageIdOf(name: string): string {
  const wanted = name.trim().toLowerCase();
  return languages.find(({ id, names }) => id === wanted || names.includes(wanted))?.id ?? wanted;
}

/** With its dot; `.txt` for a language that is not known. */
export function extensionOf(languageId: string): string {
  return languages.find(({ id }) => id === languageId)?.extension ?? '.txt';
}
