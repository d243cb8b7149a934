import type { TestProject } from 'vitest/node';
import { copyGrammars } from '../../../sidecar/syntax/grammarFiles.mjs';
import { temporaryFolder } from './temporaryFolder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the grammars that ship, as a build copies them. Lasts as long as the run; tests only read it. */
    readonly grammarFolder: string;
  }
}

/** Set-up of a whole run: copies the grammars once for all its files, and removes them after the last. */
export default async function provideGrammars(project: TestProject): Promise<() => Promise<void>> {
  const folder = await temporaryFolder();
  await copyGrammars(folder.path);
  project.provide('grammarFolder', folder.path);
  return async () => {
    await folder[Symbol.asyncDispose]();
  };
}
