export type GrammarName =
  | 'bash'
  | 'c'
  | 'c-sharp'
  | 'cpp'
  | 'css'
  | 'go'
  | 'java'
  | 'javascript'
  | 'php'
  | 'python'
  | 'ruby'
  | 'rust'
  | 'tsx'
  | 'typescript';
/** Every grammar that ships, as `tree-sitter-NAME.wasm`. */
export const grammarNames: readonly GrammarName[];
/** Copies runtime, grammars and licence into a folder, which is made. Throws where a package is not installed. */
export function copyGrammars(folder: string): Promise<void>;
